import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { openTestDatabase, type TestDatabaseHandle } from '../../test/support/database.js';
import { AuditEntity, AuditTrail } from '../audit/index.js';
import { AuditRepository } from '../audit/audit.repository.js';
import { SystemClock } from '../common/clock.js';
import { SYSTEM_CONTEXT } from '../common/request-context.js';
import { CredentialCipher, KeyRing } from '../crypto/index.js';
import { AccountCareRepository } from './account-care.repository.js';
import { AccountCredentials } from './account-credentials.js';
import { AccountDataRepository } from './account-data.repository.js';
import { AccountDirectory } from './account-directory.js';
import { AccountPurger } from './account-purger.js';
import { AccountEntity } from './account.entity.js';
import { AccountRepository } from './account.repository.js';
import { AccountsService } from './accounts.service.js';
import { DeleteAccountUseCase } from './delete-account.usecase.js';
import { EndSubscription } from './end-subscription.js';
import type { SubscriptionToEnd } from './subscription-ender.port.js';

const ID = '17841400000000001';
const TOKEN = 'IGAA-of-the-shop';

/** What a deletion has Meta told, and when. */
describe('deleting an account', () => {
  const clock = new SystemClock();
  let database: TestDatabaseHandle;
  let asked: SubscriptionToEnd[];
  let answer: (subscription: SubscriptionToEnd) => Promise<string | null>;
  let service: AccountsService;
  let deletion: DeleteAccountUseCase;
  let failing: boolean;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await openTestDatabase([AccountEntity, AuditEntity]);
    const { transactions, dialect } = database;
    const accounts = new AccountRepository(dialect);
    const audit = new AuditTrail(new AuditRepository(dialect), clock);
    const credentials = new AccountCredentials(new CredentialCipher(KeyRing.fromSecrets('a passphrase of this spec', [])));
    const directory = new AccountDirectory(transactions, accounts, credentials, clock);
    const purger = new AccountPurger(transactions, new AccountDataRepository(dialect));
    const ender = { end: async (subscription: SubscriptionToEnd) => (asked.push(subscription), await answer(subscription)) };
    const broken = {
      record: async (...all: Parameters<AuditTrail['record']>) => {
        if (failing) throw new Error('no');
        await audit.record(...all);
      },
    };
    service = new AccountsService(transactions, accounts, new AccountCareRepository(dialect), credentials, audit, directory, dialect, clock);
    deletion = new DeleteAccountUseCase(
      transactions, accounts, broken as AuditTrail, directory, purger, new EndSubscription(credentials, ender, transactions, broken as AuditTrail), clock,
    );
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    for (const table of ['account_care', 'instagram_business_accounts', 'audit_log']) await database.dataSource.query(`DELETE FROM ${table}`);
    asked = [];
    answer = async () => null;
    failing = false;
  });

  const add = (more: object = {}) => service.create(SYSTEM_CONTEXT, { id: ID, username: 'shop', accessToken: TOKEN, appSecret: 'secret', ...more });
  const remove = () => deletion.execute(SYSTEM_CONTEXT, ID);
  const rows = () => database.dataSource.query<{ deleted_at: string | null }[]>('SELECT deleted_at FROM instagram_business_accounts');
  const trail = async () => {
    const entries = await database.dataSource.query<{ action: string; changes: string }[]>('SELECT action, changes FROM audit_log ORDER BY id');
    return entries.filter(({ action }) => action !== 'account.create').map(({ action, changes }) => [action, JSON.parse(changes) as unknown]);
  };

  it('ends its subscription with the token it had, when it is gone already and nobody can have added it anew', async () => {
    await add();
    let meanwhile: unknown;
    answer = async () => {
      meanwhile = await rows();
      return null;
    };
    await remove();
    expect(asked).toEqual([{ accountId: ID, accessToken: TOKEN, withinMs: expect.any(Number) }]);
    expect(asked[0]!.withinMs).toBeLessThanOrEqual(5_000);
    expect(meanwhile).toEqual([{ deleted_at: expect.any(String) }]);
    expect(await rows()).toEqual([]);
    expect(await trail()).toEqual([['account.delete', { username: 'shop' }], ['account.unsubscribe', { ok: true }]]);
  });

  it('is not kept up by what Meta says, and says what that was', async () => {
    await add();
    answer = async () => 'Graph could not be reached (ETIMEDOUT)';
    await remove();
    expect(await rows()).toEqual([]);
    expect(await trail()).toContainEqual(['account.unsubscribe', { ok: false, reason: 'Graph could not be reached (ETIMEDOUT)' }]);
  });

  it('asks nothing where the subscription is not ours, or the token is of no use', async () => {
    await add({ manageSubscription: false });
    await remove();
    expect(await trail()).toEqual([['account.delete', { username: 'shop' }]]);
    await add();
    await database.dataSource.query("UPDATE instagram_business_accounts SET token_status = 'invalid'");
    await remove();
    await add();
    await database.dataSource.query("UPDATE instagram_business_accounts SET access_token = 'damaged'");
    await remove();
    expect(asked).toEqual([]);
    expect(await rows()).toEqual([]);
    const reasons = (await trail()).filter(([action]) => action === 'account.unsubscribe').map(([, changes]) => changes);
    expect(reasons).toEqual([
      { ok: false, reason: expect.stringContaining('no longer accepts') }, { ok: false, reason: expect.stringContaining('does not open') },
    ]);
  });

  it('leaves the subscription of an account that could not be deleted', async () => {
    await add();
    failing = true;
    await expect(remove()).rejects.toThrow('no');
    expect(asked).toEqual([]);
    expect(await rows()).toEqual([{ deleted_at: null }]);
  });

  it('is done also where what came of it cannot be written down', async () => {
    await add();
    answer = async () => {
      failing = true;
      return null;
    };
    await remove();
    expect(await rows()).toEqual([]);
  });
});
