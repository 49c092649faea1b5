import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HttpAdapterHost } from '@nestjs/core';
import { createConnection } from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { ACCOUNT_TABLES, AccountDataRepository } from '../src/accounts/account-data.repository.js';
import { AccountCareRepository } from '../src/accounts/account-care.repository.js';
import { AccountCredentials } from '../src/accounts/account-credentials.js';
import { AccountPurger } from '../src/accounts/account-purger.js';
import { DeleteAccountUseCase } from '../src/accounts/delete-account.usecase.js';
import { EndSubscription } from '../src/accounts/end-subscription.js';
import {
  AccountDirectory, AccountEntity, AccountRepository, AccountsService, RotateCredentialsUseCase, StoreRefreshedTokenUseCase,
} from '../src/accounts/index.js';
import { AuditRepository } from '../src/audit/audit.repository.js';
import { AuditEntity, AuditTrail } from '../src/audit/index.js';
import { ApiKeyRepository } from '../src/auth/api-key.repository.js';
import { ApiKeyEntity, ApiKeysService } from '../src/auth/index.js';
import { Principals } from '../src/auth/principals.js';
import { SystemClock } from '../src/common/clock.js';
import { SYSTEM_CONTEXT } from '../src/common/request-context.js';
import { CredentialCipher, KeyRing } from '../src/crypto/index.js';
import { Dialect, migrate, openDataSource, type TransactionRunner } from '../src/database/index.js';
import { limitWaits } from '../src/database/limit-waits.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { eachDatabase } from './support/databases.js';
import { EventRows } from './support/event-rows.js';
import { eventually } from './support/running-service.js';

const account = (id: string) => ({ id, username: `shop${id}`, accessToken: 'IGAA', appSecret: 'secret' });
const OLD_KEY = 'the former passphrase';
const NEW_KEY = 'the present passphrase';

/** Looks around all the time. */
class EagerPurger extends AccountPurger {
  protected override readonly lookEveryMs = 20;
}
const SERVING = { httpAdapter: {} } as unknown as HttpAdapterHost;

eachDatabase((database) => {
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let dialect: Dialect;
  const clock = new SystemClock();

  beforeAll(async () => {
    const entities = [AccountEntity, AuditEntity, ApiKeyEntity];
    const opened = await openDataSource(database.settings(), { entities, migrations: MIGRATIONS });
    dataSource = opened.dataSource;
    await migrate(dataSource, opened.kind);
    dialect = new Dialect(opened.kind);
    transactions = dialect.isSqlite
      ? new SerialTransactionRunner(dataSource, dialect)
      : new PooledTransactionRunner(dataSource, dialect);
  });
  afterAll(() => dataSource.destroy());

  function instance(key: string, previous: string[] = []) {
    const repository = new AccountRepository(dialect);
    const credentials = new AccountCredentials(new CredentialCipher(KeyRing.fromSecrets(key, previous)));
    const directory = new AccountDirectory(transactions, repository, credentials, clock);
    const audit = new AuditTrail(new AuditRepository(dialect), clock);
    const purger = new AccountPurger(transactions, new AccountDataRepository(dialect));
    const endSubscription = new EndSubscription(credentials, { end: async () => null }, transactions, audit);
    const keys = new ApiKeyRepository(dialect);
    return {
      directory,
      purger,
      repository,
      accounts: new AccountsService(transactions, repository, new AccountCareRepository(dialect), credentials, audit, directory, dialect, clock),
      deletion: new DeleteAccountUseCase(transactions, repository, audit, directory, purger, endSubscription, clock),
      rotation: new RotateCredentialsUseCase(transactions, repository, credentials, directory, dialect),
      refreshed: new StoreRefreshedTokenUseCase(transactions, repository, credentials, audit, directory, clock),
      keys: new ApiKeysService(transactions, keys, new Principals(transactions, keys, database.settings()), audit, clock),
    };
  }

  describe('accounts', () => {
    it('are made once, changed one after the other, and listed page by page', async () => {
      const [a, b] = [instance(NEW_KEY), instance(NEW_KEY)];
      const made = await Promise.allSettled([a, b, a, b].map(({ accounts }) => accounts.create(SYSTEM_CONTEXT, account('1'))));
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const one of made) if (one.status === 'rejected') expect(one.reason).toMatchObject({ kind: 'conflict' });

      await Promise.all([
        a.accounts.update(SYSTEM_CONTEXT, '1', { username: 'a', accessToken: 'of-a' }),
        b.accounts.update(SYSTEM_CONTEXT, '1', { status: 'inactive', appSecret: 'of-b' }),
      ]);
      expect(await instance(NEW_KEY).accounts.get('1')).toMatchObject({ username: 'a', status: 'inactive' });
      const fresh = instance(NEW_KEY).directory;
      expect([await fresh.accessToken('1'), await fresh.appSecret('1')]).toEqual(['of-a', 'of-b']);

      for (const id of ['2', '3']) await a.accounts.create(SYSTEM_CONTEXT, account(id));
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await a.accounts.list(SYSTEM_CONTEXT.principal, 1, cursor);
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(ids).toEqual(['3', '2', '1']);
      expect((await a.directory.findByUsername('SHOP2'))?.id).toBe('2');
    });

    it('are sealed anew under the newest key', async () => {
      await instance(OLD_KEY).accounts.create(SYSTEM_CONTEXT, account('4'));
      const result = await instance(NEW_KEY, [OLD_KEY]).rotation.execute({ batchSize: 1 });
      expect(result).toEqual({ rotated: 1, failed: [], damaged: [], givenUp: [], locked: [], remaining: 0 });
      expect(await instance(NEW_KEY).directory.accessToken('4')).toBe('IGAA');
    });

    it('are looked after by one instance at a time, and a claim whose holder died is free again', async () => {
      const care = new AccountCareRepository(dialect);
      const now = new Date('2026-03-01T10:00:00.000Z');
      const until = new Date(now.getTime() + 60_000);
      const accounts: { id: string }[] = await dataSource.query('SELECT id FROM instagram_business_accounts');
      await dataSource.query('DELETE FROM account_care');
      for (const { id } of accounts) await transactions.run((tx) => care.insertAll(tx, id, now));
      const round = async (at: Date) => {
        const claims = await Promise.all(Array.from({ length: 6 }, () => transactions.run((tx) => care.claimDue(tx, at, until, 3))));
        return claims.flat().map(({ accountId, task }) => `${accountId} ${task}`).sort();
      };
      expect(await round(now)).toEqual(accounts.flatMap(({ id }) => [`${id} subscription`, `${id} token`]).sort());
      expect(await round(new Date(until.getTime() - 1))).toEqual([]);
      const [late] = await transactions.run((tx) => care.claimDue(tx, until, new Date(until.getTime() + 60_000), 1));
      const finish = () => transactions.run((tx) => care.finish(tx, late!, { dueAt: until, failures: 0, problem: null }, until));
      expect([await finish(), await finish()]).toEqual([true, false]);
    });

    it('take a refreshed token once, and not in the place of one that somebody stored meanwhile', async () => {
      const [a, b] = [instance(NEW_KEY), instance(NEW_KEY)];
      await a.accounts.create(SYSTEM_CONTEXT, account('6'));
      const expiresAt = new Date('2027-01-31T12:00:00.000Z');
      const refreshed = (former: string, accessToken: string) => ({ accountId: '6', former, accessToken, expiresAt, askedAt: clock.now() });
      const stored = await Promise.all(
        [a, b, a, b].map((one, index) => one.refreshed.execute(SYSTEM_CONTEXT, refreshed('IGAA', `new-${String(index)}`))),
      );
      expect(stored.filter(Boolean)).toHaveLength(1);
      const winner = `new-${String(stored.indexOf(true))}`;
      expect(await instance(NEW_KEY).directory.accessToken('6')).toBe(winner);
      expect(await a.accounts.get('6')).toMatchObject({ tokenExpiresAt: expiresAt, tokenStatus: 'valid' });

      // Whichever of the two comes first, the person's token is the one that stays.
      await Promise.all([
        b.accounts.update(SYSTEM_CONTEXT, '6', { accessToken: 'a-persons' }),
        a.refreshed.execute(SYSTEM_CONTEXT, refreshed(winner, 'new-late')),
      ]);
      expect(await a.refreshed.execute(SYSTEM_CONTEXT, refreshed(winner, 'new-too-late'))).toBe(false);
      expect(await instance(NEW_KEY).directory.accessToken('6')).toBe('a-persons');
      expect(await instance(NEW_KEY).accounts.get('6')).toMatchObject({ tokenExpiresAt: null, tokenStatus: 'unknown' });
      const audit: { action: string; actor: string; changes: string }[] = await dataSource.query(
        "SELECT action, actor, changes FROM audit_log WHERE account_id = '6'",
      );
      expect(audit.filter(({ action }) => action === 'account.token_refresh')[0]).toMatchObject({ actor: 'system' });
      expect(JSON.stringify(audit)).not.toMatch(/IGAA|new-|a-persons/);
    });

    it('go with all their rows, also while somebody still writes', async () => {
      const { accounts, deletion } = instance(NEW_KEY);
      await accounts.create(SYSTEM_CONTEXT, account('5'));
      const events = new EventRows(dialect);
      const write = (n: number) =>
        transactions.run((tx) => events.insert(tx, '5', Array.from({ length: 300 }, (_, i) => `${String(n)}-${String(i)}`)));
      for (let n = 0; n < 10; n++) await write(n);
      const straggler = (async () => {
        for (let n = 10; n < 1000; n++) await write(n);
      })();
      const [, writing] = await Promise.allSettled([deletion.execute(SYSTEM_CONTEXT, '5'), straggler]);
      expect(writing).toMatchObject({ status: 'rejected' });
      expect(dialect.isMissingReference((writing as PromiseRejectedResult).reason)).toBe(true);
      expect(await transactions.read((tx) => events.keys(tx, '5'))).toEqual([]);
      await expect(accounts.create(SYSTEM_CONTEXT, account('5'))).resolves.toMatchObject({ id: '5' });
    });

    it('lose nothing to a deletion that comes late, once they were added anew', async () => {
      const [a, late] = [instance(NEW_KEY), instance(NEW_KEY)];
      const events = new EventRows(dialect);
      await a.accounts.create(SYSTEM_CONTEXT, account('8'));
      await transactions.run((tx) => events.insert(tx, '8', ['of the former']));
      await a.deletion.execute(SYSTEM_CONTEXT, '8');
      await a.accounts.create(SYSTEM_CONTEXT, account('8'));
      await transactions.run((tx) => events.insert(tx, '8', ['of the new']));
      // It had begun before, was put off by a lock or a lost connection, and goes on now.
      await late.purger.purge('8');
      expect(await transactions.read((tx) => events.keys(tx, '8'))).toEqual(['of the new']);
      expect(await dataSource.query("SELECT task FROM account_care WHERE account_id = '8' ORDER BY task")).toHaveLength(2);
      await expect(late.accounts.get('8')).resolves.toMatchObject({ id: '8' });
    });

    it('go on being deleted by whoever is there, when the instance that began is gone', async () => {
      const gone = instance(NEW_KEY);
      const running = new EagerPurger(transactions, new AccountDataRepository(dialect), SERVING);
      await running.onApplicationBootstrap();
      await gone.accounts.create(SYSTEM_CONTEXT, account('9'));
      await transactions.run((tx) => new EventRows(dialect).insert(tx, '9', ['left behind']));
      await transactions.run((tx) => gone.repository.markDeleted(tx, '9', clock.now()));
      const rows = () => dataSource.query<unknown[]>("SELECT id FROM instagram_business_accounts WHERE id = '9'");
      await eventually('the deletion', rows, ({ length }) => length === 0);
      await running.beforeApplicationShutdown();
      expect(await transactions.read((tx) => new EventRows(dialect).keys(tx, '9'))).toEqual([]);
    });

    it('are sealed anew but for the one whose row somebody keeps locked', async () => {
      if (dialect.isSqlite) return; // it has no row locks: its writers take turns
      limitWaits(dataSource);
      const ids = ['40', '41', '42'];
      for (const id of ids) await instance(OLD_KEY).accounts.create(SYSTEM_CONTEXT, account(id));
      const somebody = await createConnection({ uri: database.env.MYSQL_URL! });
      try {
        await somebody.query('START TRANSACTION');
        await somebody.query("SELECT id FROM instagram_business_accounts WHERE id = '41' FOR UPDATE");
        const { rotation } = instance(NEW_KEY, [OLD_KEY]);
        expect(await rotation.execute({ batchSize: 1 })).toEqual({ rotated: 2, failed: [], damaged: [], givenUp: [], locked: ['41'], remaining: 1 });
        await somebody.query('ROLLBACK');
        expect(await rotation.execute()).toEqual({ rotated: 1, failed: [], damaged: [], givenUp: [], locked: [], remaining: 0 });
      } finally {
        await somebody.end();
      }
      for (const id of ids) expect(await instance(NEW_KEY).directory.accessToken(id)).toBe('IGAA');
    });

    it('own no table that their deletion forgets', async () => {
      expect(await ownedTables()).toEqual(['audit_log', ...Object.keys(ACCOUNT_TABLES)].sort());
    });
  });

  it('makes the first API key once, also when two instances start at once', async () => {
    const wanted = { name: 'first', role: 'admin' as const, accountIds: null };
    const made = await Promise.allSettled([1, 2, 3].map(() => instance(NEW_KEY).keys.createFirst(SYSTEM_CONTEXT, 'first', wanted)));
    expect(made.filter((one) => one.status === 'fulfilled' && one.value !== null)).toHaveLength(1);
    for (const one of made) if (one.status === 'rejected') expect(dialect.isDuplicateKey(one.reason)).toBe(true);
    expect(await dataSource.query('SELECT id FROM api_keys')).toEqual([{ id: 'first' }]);
  });

  async function ownedTables(): Promise<string[]> {
    const rows: { name: string }[] = await dataSource.query(
      dialect.isSqlite
        ? "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'account_id' WHERE m.type = 'table'"
        : "SELECT table_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'account_id'",
    );
    return rows.map(({ name }) => name).sort();
  }
});
