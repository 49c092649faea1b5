import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CredentialCipherError } from './credential-cipher.errors.js';
import { KeyRing } from './key-ring.js';

describe('KeyRing', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'key-ring-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const settings = (secretKey: string | null = null, previousSecretKeys: string[] = []) => ({
    secretKey,
    previousSecretKeys,
    mysql: null,
    dataDir: join(folder, 'data'),
  });

  it('takes base64 of 32 bytes as the key itself and anything else as a passphrase', () => {
    const bytes = Buffer.alloc(32, 7);
    expect(KeyRing.fromSecrets(bytes.toString('base64')).current.bytes).toEqual(bytes);
    expect(KeyRing.fromSecrets(bytes.toString('base64url')).current.bytes).toEqual(bytes);
    const passphrase = KeyRing.fromSecrets('correct horse battery').current;
    expect(passphrase.bytes).toHaveLength(32);
    expect(passphrase.id).toMatch(/^[\w-]{12}$/);
    expect(KeyRing.fromSecrets('correct horse battery').current.id).toBe(passphrase.id);
    expect(KeyRing.fromSecrets('correct horse batterz').current.id).not.toBe(passphrase.id);
  });

  it('makes a key file once, for its owner only, and leaves no draft behind', () => {
    const first = KeyRing.fromSettings(settings());
    const file = join(folder, 'data', 'secret.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(KeyRing.fromSettings(settings()).current.id).toBe(first.current.id);
    expect(readdirSync(join(folder, 'data'))).toEqual(['secret.key']);
  });

  it('opens what the generated key sealed once its text is given as a previous key', () => {
    const generated = KeyRing.fromSettings(settings()).current.id;
    const text = readFileSync(join(folder, 'data', 'secret.key'), 'utf8').trim();
    const moved = KeyRing.fromSettings(settings('a passphrase of some length', [text]));
    expect(moved.find(generated)?.id).toBe(generated);
    expect(moved.current.id).not.toBe(generated);
  });

  it('refuses a damaged key file instead of making a new key', () => {
    KeyRing.fromSettings(settings());
    writeFileSync(join(folder, 'data', 'secret.key'), 'gone');
    expect(() => KeyRing.fromSettings(settings())).toThrow(CredentialCipherError);
  });

  it('makes no key when MySQL is used', () => {
    const mysql = { host: 'db', port: 3306, database: 'd', username: 'u', password: 'p', sslMode: 'DISABLED' as const, sslCa: null };
    expect(() => KeyRing.fromSettings({ ...settings(), mysql })).toThrow(/APP_SECRET_KEY is required/);
  });
});
