import { randomToken, sha256 } from '../crypto/index.js';
import type { AccountCredentials } from './account-credentials.js';
import type { AccountEntity } from './account.entity.js';

export type SealedAppSecret = Pick<AccountEntity, 'id' | 'appSecret'>;

/**
 * Which accounts have the same app secret, without opening again what is unchanged. An opened secret is not remembered, only
 * a fingerprint that is worth nothing outside this process: so of each Meta app one account's is opened, however many
 * accounts it has. What does not open is not tried again either.
 */
export class AppSecrets {
  private readonly salt = randomToken(24);
  /** By account and sealed text, of the rows seen last; null: it does not open. */
  private fingerprints = new Map<string, string | null>();

  constructor(private readonly credentials: AccountCredentials) {}

  /** Each secret that opens, once, in the order of `rows`: all the accounts there are. */
  openEachOnce(rows: readonly SealedAppSecret[], most: number): string[] {
    const known = this.recall(rows);
    const secrets = new Map<string, string>();
    for (const row of rows) {
      if (secrets.size >= most) break;
      const fingerprint = known.get(keyOf(row));
      if (fingerprint === null || (fingerprint !== undefined && secrets.has(fingerprint))) continue;
      const secret = this.credentials.openOrNull(row, 'appSecret');
      const found = secret === null ? null : this.fingerprintOf(secret);
      known.set(keyOf(row), found);
      if (found !== null && secret !== null) secrets.set(found, secret);
    }
    return [...secrets.values()];
  }

  /** Forgets what is of rows that are gone, or sealed anew. */
  private recall(rows: readonly SealedAppSecret[]): Map<string, string | null> {
    const before = this.fingerprints;
    this.fingerprints = new Map();
    for (const row of rows) {
      const fingerprint = before.get(keyOf(row));
      if (fingerprint !== undefined) this.fingerprints.set(keyOf(row), fingerprint);
    }
    return this.fingerprints;
  }

  private fingerprintOf(secret: string): string {
    return sha256(this.salt, secret);
  }
}

function keyOf({ id, appSecret }: SealedAppSecret): string {
  return `${id} ${appSecret}`;
}
