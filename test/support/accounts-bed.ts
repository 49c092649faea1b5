import { parseEnvironment } from '../../src/config/index.js';
import { AuditEntity, AuditTrail } from '../../src/audit/index.js';
import { AuditRepository } from '../../src/audit/audit.repository.js';
import { AccountCareRepository, AccountDirectory, AccountEntity, AccountRepository, AccountsService, CredentialCheck, RotateCredentialsUseCase, type NewAccount } from '../../src/accounts/index.js';
import { AccountCredentials } from '../../src/accounts/account-credentials.js';
import { AccountDataRepository } from '../../src/accounts/account-data.repository.js';
import { AccountPurger } from '../../src/accounts/account-purger.js';
import { DeleteAccountUseCase } from '../../src/accounts/delete-account.usecase.js';
import { EndSubscription } from '../../src/accounts/end-subscription.js';
import { Clock } from '../../src/common/clock.js';
import { CredentialCipher, KeyRing } from '../../src/crypto/index.js';
import { openTestDatabase, type TestDatabaseHandle } from './database.js';

export const OLD_KEY = 'the former passphrase';
export const NEW_KEY = 'the present passphrase';
export const SECRETS = { accessToken: 'IGAA-token-in-clear', appSecret: 'app-secret-in-clear' };
export const newAccount = (id: string, more: Partial<NewAccount> = {}): NewAccount => ({ id, username: `shop${id}`, ...SECRETS, ...more });

const START = '2026-03-01T10:00:00.000Z';
const TABLES = ['messages', 'conversations', 'account_care', 'instagram_business_accounts', 'audit_log'];

class MovableClock extends Clock {
  at = new Date(START);
  override now(): Date {
    return this.at;
  }
  pass(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}

/** The accounts module on a database of its own, without its routes and without Meta. */
export class AccountsBed {
  readonly clock = new MovableClock();
  readonly repository: AccountRepository;
  readonly audit: AuditTrail;

  private constructor(readonly database: TestDatabaseHandle) {
    this.repository = new AccountRepository(database.dialect);
    this.audit = new AuditTrail(new AuditRepository(database.dialect), this.clock);
  }

  static async open(): Promise<AccountsBed> {
    return new AccountsBed(await openTestDatabase([AccountEntity, AuditEntity]));
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** As it was at first. */
  async empty(): Promise<void> {
    this.clock.at = new Date(START);
    for (const table of TABLES) await this.database.dataSource.query(`DELETE FROM ${table}`);
  }

  /** An instance with these keys. */
  wired(key: string, previous: string[] = []) {
    const { repository, audit, clock, database: { transactions, dialect } } = this;
    const credentials = new AccountCredentials(new CredentialCipher(KeyRing.fromSecrets(key, previous)));
    const directory = new AccountDirectory(transactions, repository, credentials, clock);
    const purger = new AccountPurger(transactions, new AccountDataRepository(dialect));
    const endSubscription = new EndSubscription(credentials, { end: async () => null }, transactions, audit);
    return {
      directory,
      credentials,
      service: new AccountsService(transactions, repository, new AccountCareRepository(dialect), credentials, audit, directory, dialect, clock),
      deletion: new DeleteAccountUseCase(transactions, repository, audit, directory, purger, endSubscription, clock),
      check: new CredentialCheck(transactions, repository, credentials, parseEnvironment({ APP_SECRET_KEY: key })),
      rotation: new RotateCredentialsUseCase(transactions, repository, credentials, directory, dialect),
    };
  }
}
