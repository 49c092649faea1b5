import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { AppSettings } from '../config/index.js';
import { TransactionRunner } from '../database/index.js';
import { AccountCredentials } from './account-credentials.js';
import { AccountRepository } from './account.repository.js';
import { CredentialsDoNotOpenError } from './accounts.errors.js';

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
    const samples = await this.transactions.read((tx) => this.accounts.listOnePerKey(tx));
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
