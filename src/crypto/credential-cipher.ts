import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CredentialCipherError } from './credential-cipher.errors.js';
import type { KeyRing } from './key-ring.js';

/**
 * Seals credentials for the database: AES-256-GCM, as `v1.<key id>.<iv>.<ciphertext and tag>`.
 * `context` (`<account id>:<column>`) is authenticated with it: a ciphertext moved to another row or column does not open.
 */
export class CredentialCipher {
  constructor(private readonly keys: KeyRing) {}

  get currentKeyId(): string {
    return this.keys.current.id;
  }

  encrypt(plain: string, context: string): string {
    const { id, bytes } = this.keys.current;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, bytes, iv).setAAD(Buffer.from(context, 'utf8'));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, id, iv.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /** @throws CredentialCipherError when the key is unknown, or the text is damaged or belongs elsewhere. */
  decrypt(sealed: string, context: string): string {
    const { keyId, iv, body } = parse(sealed);
    const key = this.keys.find(keyId);
    if (!key) {
      throw new CredentialCipherError(
        `a stored credential was sealed with key ${keyId}, which is neither APP_SECRET_KEY nor one of APP_SECRET_KEY_PREVIOUS`,
      );
    }
    try {
      const decipher = createDecipheriv(ALGORITHM, key.bytes, iv, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context, 'utf8'))
        .setAuthTag(body.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new CredentialCipherError('a stored credential is damaged, or was moved from another row', {
        cause: error,
      });
    }
  }

  /** True when what was sealed with this key can be opened. */
  knowsKey(keyId: string): boolean {
    return this.keys.find(keyId) !== undefined;
  }
}

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

function parse(sealed: string): { keyId: string; iv: Buffer; body: Buffer } {
  const [version, keyId, iv, body, ...rest] = sealed.split('.');
  if (version !== VERSION || !keyId || !iv || !body || rest.length > 0) {
    throw new CredentialCipherError('a stored credential is not in a form this version knows');
  }
  const parts = { keyId, iv: Buffer.from(iv, 'base64url'), body: Buffer.from(body, 'base64url') };
  if (parts.iv.length !== IV_BYTES || parts.body.length < TAG_BYTES) {
    throw new CredentialCipherError('a stored credential is damaged');
  }
  return parts;
}
