import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../common/errors.js';
import { CredentialCipherError } from './credential-cipher.errors.js';

export const GENERATED_KEY_FILE = 'secret.key';

/** The secret in `path`; made (mode 0600) when there is none. Safe against a second process that starts just now. */
export function readOrCreateKeyFile(path: string): string {
  const secret = readOrCreate(path).trim();
  if (Buffer.from(secret, 'base64').length !== 32) {
    throw new CredentialCipherError(
      `${path} does not hold a key (base64 of 32 bytes). Restore it from a backup: without it the stored credentials cannot be opened`,
    );
  }
  return secret;
}

function readOrCreate(path: string): string {
  try {
    const existing = readIfThere(path);
    if (existing === undefined) create(path);
    return existing ?? readIfThere(path) ?? '';
  } catch (error) {
    throw new CredentialCipherError(`${path} (DATA_DIR) can be neither read nor made: ${messageOf(error)}`, { cause: error });
  }
}

function create(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Written whole under another name and then linked: a reader sees all of the key or no file, and only one writer wins.
  const draft = `${path}.${String(process.pid)}.${randomBytes(4).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(32).toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
