import { Injectable } from '@nestjs/common';
import { CredentialCipher, CredentialCipherError, randomToken, sha256 } from '../crypto/index.js';
import type { CredentialFields } from './account.js';
import type { AccountEntity } from './account.entity.js';

/** The columns of a row that hold credentials. */
export type SealedCredentials = Pick<
  AccountEntity,
  'accessToken' | 'accessTokenHash' | 'appSecret' | 'webhookVerifyToken' | 'webhookVerifyTokenHash' | 'credentialKeyId'
>;

/** What it takes to open one, or several. */
type OpenableCredentials<Name extends CredentialName = CredentialName> = Pick<SealedCredentials, Name> & Pick<AccountEntity, 'id'>;

export type CredentialName = keyof typeof COLUMNS;

/** Seals and opens the credentials of a row, each bound to its account and column. */
@Injectable()
export class AccountCredentials {
  constructor(private readonly cipher: CredentialCipher) {}

  get currentKeyId(): string {
    return this.cipher.currentKeyId;
  }

  /** All three under the newest key: a row names one key for all. */
  seal(accountId: string, plain: CredentialFields): SealedCredentials {
    return {
      accessToken: this.cipher.encrypt(plain.accessToken, contextOf(accountId, 'accessToken')),
      accessTokenHash: accessTokenHash(plain.accessToken),
      appSecret: this.cipher.encrypt(plain.appSecret, contextOf(accountId, 'appSecret')),
      webhookVerifyToken: this.cipher.encrypt(plain.webhookVerifyToken, contextOf(accountId, 'webhookVerifyToken')),
      webhookVerifyTokenHash: verifyTokenHash(plain.webhookVerifyToken),
      credentialKeyId: this.cipher.currentKeyId,
    };
  }

  /** @throws CredentialCipherError when the key is not known or the row was tampered with. */
  open<Name extends CredentialName>(row: OpenableCredentials<Name>, name: Name): string {
    return this.cipher.decrypt(row[name], contextOf(row.id, name));
  }

  openAll(row: OpenableCredentials): CredentialFields {
    return {
      accessToken: this.open(row, 'accessToken'),
      appSecret: this.open(row, 'appSecret'),
      webhookVerifyToken: this.open(row, 'webhookVerifyToken'),
    };
  }

  /** Those that open. */
  openEach(row: OpenableCredentials): Partial<CredentialFields> {
    return Object.fromEntries(CREDENTIAL_NAMES.flatMap((name) => {
      const plain = this.openOrNull(row, name);
      return plain === null ? [] : [[name, plain]];
    }));
  }

  openOrNull<Name extends CredentialName>(row: OpenableCredentials<Name>, name: Name): string | null {
    try {
      return this.open(row, name);
    } catch (error) {
      if (error instanceof CredentialCipherError) return null;
      throw error;
    }
  }

  /** False: another key is needed. True, and they do not open: they are damaged. */
  knowsKeyOf({ credentialKeyId }: Pick<AccountEntity, 'credentialKeyId'>): boolean {
    return this.cipher.knowsKey(credentialKeyId);
  }

  newVerifyToken(): string {
    return randomToken(24);
  }
}

const COLUMNS = {
  accessToken: 'access_token',
  appSecret: 'app_secret',
  webhookVerifyToken: 'webhook_verify_token',
} as const;

export const CREDENTIAL_NAMES = ['accessToken', 'appSecret', 'webhookVerifyToken'] as const satisfies readonly CredentialName[];

function contextOf(accountId: string, name: CredentialName): string {
  return `${accountId}:${COLUMNS[name]}`;
}

/** Names a token without telling it. */
export function accessTokenHash(token: string): string {
  return sha256('access_token', token);
}

export function verifyTokenHash(token: string): string {
  return sha256('webhook_verify_token', token);
}
