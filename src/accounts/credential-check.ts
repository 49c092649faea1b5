import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { AppSettings } from '../config/index.js';
import { TransactionRunner } from '../database/index.js';
import { AccountCredentials } from './account-credentials.js';
import type { AccountEntity } from './account.entity.js';
import { AccountRepository } from './account.repository.js';
import { CredentialsDoNotOpenError } from './accounts.errors.js';

/** What of an account's row it takes to try a key on it. */
export type SealedSample = Pick<AccountEntity, 'id' | 'accessToken' | 'appSecret' | 'webhookVerifyToken' | 'credentialKeyId'>;

/** Before the service listens: do our keys open what is stored? One account of every key is tried. */
@Injectable()
export class CredentialCheck {
  private readonly logger = new Logger('Credentials');

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly credentials: AccountCredentials,
    private readonly settings: AppSettings,
  ) {}

  /** @throws CredentialsDoNotOpenError with a message for the person who starts the service. */
  async run(): Promise<void> {
    this.tryOn(await this.transactions.read((tx) => this.accounts.listOnePerKey(tx)));
  }

  /** The same for rows of another database. */
  tryOn(samples: readonly SealedSample[]): void {
    for (const sample of samples) {
      try {
        this.credentials.openAll(sample);
      } catch (error) {
        if (this.credentials.knowsKeyOf(sample)) {
          // One damaged row must not stop everybody else's service.
          this.logger.error({ msg: `Stored credentials do not open: ${messageOf(error)}`, accountId: sample.id });
          continue;
        }
        throw new CredentialsDoNotOpenError(sample.id, messageOf(error), this.settings.secretKey === null);
      }
    }
  }
}
