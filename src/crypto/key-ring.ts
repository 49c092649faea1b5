import { createHash, scryptSync } from 'node:crypto';
import { join } from 'node:path';
import type { AppSettings } from '../config/index.js';
import { CredentialCipherError } from './credential-cipher.errors.js';
import { GENERATED_KEY_FILE, readOrCreateKeyFile } from './key-file.js';

export interface CipherKey {
  /** Names the key without telling anything useful about it; stands in every ciphertext. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The current key, which seals, and older ones, which only open. */
export class KeyRing {
  private readonly keys: ReadonlyMap<string, CipherKey>;

  private constructor(
    readonly current: CipherKey,
    previous: readonly CipherKey[],
  ) {
    this.keys = new Map([...previous, current].map((key) => [key.id, key]));
  }

  /** Without APP_SECRET_KEY (embedded database only) the key is made once and kept beside the database. */
  static fromSettings(settings: Pick<AppSettings, 'secretKey' | 'previousSecretKeys' | 'mysql' | 'dataDir'>): KeyRing {
    return KeyRing.fromSecrets(settings.secretKey ?? generatedSecret(settings), settings.previousSecretKeys);
  }

  static fromSecrets(current: string, previous: readonly string[] = []): KeyRing {
    return new KeyRing(keyFrom(current), previous.map(keyFrom));
  }

  find(id: string): CipherKey | undefined {
    return this.keys.get(id);
  }
}

function generatedSecret(settings: Pick<AppSettings, 'mysql' | 'dataDir'>): string {
  // Instances that share a MySQL server would each make a key of their own.
  if (settings.mysql) throw new CredentialCipherError('APP_SECRET_KEY is required when MySQL is used');
  return readOrCreateKeyFile(join(settings.dataDir, GENERATED_KEY_FILE));
}

function keyFrom(secret: string): CipherKey {
  const bytes = rawKey(secret) ?? scryptSync(secret.normalize('NFC'), PASSPHRASE_SALT, KEY_BYTES);
  return { id: createHash('sha256').update(bytes).digest('base64url').slice(0, 12), bytes };
}

/** Base64 or base64url of exactly 32 bytes, with or without padding; anything else is a passphrase. */
function rawKey(secret: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(secret)) return undefined;
  const bytes = Buffer.from(secret, 'base64');
  return bytes.length === KEY_BYTES ? bytes : undefined;
}

const KEY_BYTES = 32;

/** Fixed: every instance must derive the same key from the passphrase alone. Changing it locks out all who use one. */
const PASSPHRASE_SALT = 'instagram-direct-server/credentials/v1';
