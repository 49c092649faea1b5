import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openTestDatabase, type TestDatabaseHandle } from '../../test/support/database.js';
import { AuditEntity, AuditTrail } from '../audit/index.js';
import { AuditRepository } from '../audit/audit.repository.js';
import { Clock } from '../common/clock.js';
import { SYSTEM_CONTEXT, type RequestContext } from '../common/request-context.js';
import { parseEnvironment } from '../config/index.js';
import { CredentialCipher, KeyRing } from '../crypto/index.js';
import type { NewAccount } from './account.js';
import { AccountCareRepository } from './account-care.repository.js';
import { AccountCredentials, accessTokenHash } from './account-credentials.js';
import { AccountDataRepository } from './account-data.repository.js';
import { AccountDirectory } from './account-directory.js';
import { AccountPurger } from './account-purger.js';
import { AccountEntity } from './account.entity.js';
import { AccountRepository } from './account.repository.js';
import { CredentialsUnreadableError } from './accounts.errors.js';
import { AccountsService } from './accounts.service.js';
import { CredentialCheck } from './credential-check.js';
import { DeleteAccountUseCase } from './delete-account.usecase.js';
import { EndSubscription } from './end-subscription.js';
import { RotateCredentialsUseCase } from './rotate-credentials.usecase.js';

const OLD_KEY = 'the former passphrase';
const NEW_KEY = 'the present passphrase';
const SECRETS = { accessToken: 'IGAA-token-in-clear', appSecret: 'app-secret-in-clear' };
const newAccount = (id: string, more: Partial<NewAccount> = {}): NewAccount => ({ id, username: `shop${id}`, ...SECRETS, ...more });

class MovableClock extends Clock {
  at = new Date('2026-03-01T10:00:00.000Z');
  override now(): Date {
    return this.at;
  }
  pass(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}

describe('accounts on a database', () => {
  let database: TestDatabaseHandle;
  let clock: MovableClock;
  let repository: AccountRepository;
  let audit: AuditTrail;

  function wired(key: string, previous: string[] = []) {
    const { transactions, dialect } = database;
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

  beforeAll(async () => {
    database = await openTestDatabase([AccountEntity, AuditEntity]);
    repository = new AccountRepository(database.dialect);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    clock = new MovableClock();
    audit = new AuditTrail(new AuditRepository(database.dialect), clock);
    for (const table of ['messages', 'conversations', 'account_care', 'instagram_business_accounts', 'audit_log']) {
      await database.dataSource.query(`DELETE FROM ${table}`);
    }
  });

  it('stores no secret in clear, and gives none out but the verify token', async () => {
    const { service, directory } = wired(NEW_KEY);
    const account = await service.create(SYSTEM_CONTEXT, newAccount('1', { webhookVerifyToken: 'verify-me-in-clear' }));
    await service.update(SYSTEM_CONTEXT, '1', { accessToken: 'IGAA-second-in-clear' });

    expect(JSON.stringify(account)).not.toMatch(/IGAA|app-secret/);
    const files = readdirSync(database.folder).map((name) => readFileSync(join(database.folder, name), 'latin1'));
    expect(files.join('')).not.toContain('in-clear');
    expect(files.join('')).toContain('shop1');
    expect(await directory.accessToken('1')).toBe('IGAA-second-in-clear');
    expect(await directory.appSecret('1')).toBe(SECRETS.appSecret);
    expect(await directory.allAppSecrets()).toEqual([SECRETS.appSecret]);
  });

  it('reads and opens little for a test button that anybody may press', async () => {
    const { service, directory, credentials } = wired(NEW_KEY);
    for (const id of ['1', '2', '3', '4']) await service.create(SYSTEM_CONTEXT, newAccount(id));
    const opening = jest.spyOn(credentials, 'open');
    const openedFor = async () => {
      opening.mockClear();
      directory.evict('1'); // as if a second had passed
      const secrets = await directory.allAppSecrets();
      return [secrets, opening.mock.calls.length];
    };
    expect(await openedFor()).toEqual([[SECRETS.appSecret], 4]);
    expect(await openedFor()).toEqual([[SECRETS.appSecret], 1]);
    await service.update(SYSTEM_CONTEXT, '3', { appSecret: 'another' });
    expect(await openedFor()).toEqual([[SECRETS.appSecret, 'another'], 2]);
    await wired(NEW_KEY).deletion.execute(SYSTEM_CONTEXT, '3');
    expect(await openedFor()).toEqual([[SECRETS.appSecret], 1]);
    const rows = await database.transactions.read((tx) => repository.listAppSecrets(tx));
    expect(rows.map((row) => Object.keys(row).sort())).toEqual(['1', '2', '4'].map(() => ['appSecret', 'id']));
  });

  it('does not open a credential that was moved to another account or column', async () => {
    const { service, directory } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.create(SYSTEM_CONTEXT, newAccount('2'));
    await database.dataSource.query(
      "UPDATE instagram_business_accounts SET access_token = (SELECT access_token FROM instagram_business_accounts WHERE id = '1'), app_secret = access_token WHERE id = '2'",
    );
    for (const credential of [directory.accessToken('2'), directory.appSecret('2')]) {
      await expect(credential).rejects.toMatchObject({ kind: 'unavailable', cause: { message: expect.stringContaining('was moved') } });
    }
  });

  it('makes a verify token where none is given, and finds an account by it', async () => {
    const { service, directory } = wired(NEW_KEY);
    const verifyToken = String((await service.create(SYSTEM_CONTEXT, newAccount('1'))).webhookVerifyToken);
    expect(verifyToken.length).toBeGreaterThanOrEqual(32);
    expect(await directory.matchesAnyVerifyToken(verifyToken)).toBe(true);
    expect(await directory.matchesAnyVerifyToken('another')).toBe(false);
  });

  it('refuses a second account of the same id, also at the same moment', async () => {
    const { service } = wired(NEW_KEY);
    const made = await Promise.allSettled([1, 2, 3].map(() => service.create(SYSTEM_CONTEXT, newAccount('1'))));
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    for (const one of made) if (one.status === 'rejected') expect(one.reason).toMatchObject({ kind: 'conflict' });
  });

  it('records every change with its author and without a secret, and nothing where nothing changed', async () => {
    const { service } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.update(SYSTEM_CONTEXT, '1', { status: 'inactive', appSecret: 'other-secret', settings: { takeoverMinutes: 5 } });
    await service.update(SYSTEM_CONTEXT, '1', { status: 'inactive', settings: { takeoverMinutes: 5 } });
    const entries: { action: string; actor: string; changes: string }[] = await database.dataSource.query(
      'SELECT action, actor, changes FROM audit_log ORDER BY id',
    );
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual([['account.create', 'system'], ['account.update', 'system']]);
    expect(JSON.parse(entries[1]!.changes)).toEqual({
      status: { from: 'active', to: 'inactive' },
      appSecret: 'changed',
      settings: { takeoverMinutes: { from: 30, to: 5 } },
    });
  });

  it('knows since when it is on again', async () => {
    const { service } = wired(NEW_KEY);
    const activeSince = async () => (await database.transactions.read((tx) => repository.getSettings(tx, ['1']))).get('1')?.activeSince;
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.update(SYSTEM_CONTEXT, '1', { status: 'active', username: 'other' });
    expect(await activeSince()).toBeNull();
    await service.update(SYSTEM_CONTEXT, '1', { status: 'inactive' });
    const { updatedAt } = await service.update(SYSTEM_CONTEXT, '1', { status: 'active' });
    expect(await activeSince()).toEqual(updatedAt);
  });

  it('lists newest first, page by page, within the accounts of the caller', async () => {
    const { service } = wired(NEW_KEY);
    for (const id of ['1', '2', '3', '4', '5']) {
      await service.create(SYSTEM_CONTEXT, newAccount(id));
      if (id !== '3') clock.pass(1000); // 3 and 4 are of the same moment
    }
    const all = SYSTEM_CONTEXT.principal;
    const first = await service.list(all, 2, undefined);
    const second = await service.list(all, 2, first.nextCursor ?? undefined);
    const third = await service.list(all, 2, second.nextCursor ?? undefined);
    expect([first, second, third].map((page) => page.items.map(({ id }) => id))).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(third.nextCursor).toBeNull();
    const limited = await service.list({ ...all, accountIds: ['2', '9'] }, 50, undefined);
    expect(limited.items.map(({ id }) => id)).toEqual(['2']);
  });

  it('does not let a limited administrator make an account beyond the limit', async () => {
    const { service } = wired(NEW_KEY);
    const ctx: RequestContext = { ...SYSTEM_CONTEXT, principal: { actor: 'a', role: 'admin', accountIds: ['1'] } };
    await expect(service.create(ctx, newAccount('2'))).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(service.create(ctx, newAccount('1'))).resolves.toMatchObject({ id: '1', status: 'active' });
  });

  it('sees its own change at once, and forgets what Graph said of a token that was replaced', async () => {
    const { service, directory } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1', { tokenExpiresAt: new Date(clock.at.getTime() + 86_400_000) }));
    const mark = (token: string, status: 'valid' | 'invalid' = 'valid') =>
      database.transactions.run((tx) => repository.markTokenStatus(tx, '1', { tokenHash: accessTokenHash(token), status, calledAt: clock.at }));
    await mark(SECRETS.accessToken);
    expect((await service.get('1')).tokenStatus).toBe('expiring');
    expect((await directory.find('1'))?.username).toBe('shop1');

    clock.pass(1000);
    await service.update(SYSTEM_CONTEXT, '1', { accessToken: 'another', username: 'renamed' });
    expect(await directory.find('1')).toMatchObject({ username: 'renamed', tokenStatus: 'unknown', tokenExpiresAt: null });
    // Called after the change, by an instance that still had the former token in memory.
    clock.pass(500);
    await mark(SECRETS.accessToken, 'invalid');
    expect((await service.get('1')).tokenStatus).toBe('unknown');
    await mark('another');
    expect((await service.get('1')).tokenStatus).toBe('valid');
    const overtaken = clock.at;
    clock.pass(1000);
    await mark('another');
    clock.at = overtaken;
    await mark('another', 'invalid');
    expect((await service.get('1')).tokenStatus).toBe('valid');
  });

  it('says of a dead token that a send has met how to learn why, before it asks for a new one', async () => {
    const { service } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    const news = { tokenHash: accessTokenHash(SECRETS.accessToken), status: 'invalid', calledAt: clock.at } as const;
    await database.transactions.run((tx) => repository.markTokenStatus(tx, '1', news));
    expect((await service.get('1')).problems.map(({ message }) => message)).toEqual([
      'Instagram no longer accepts the access token. Verify the account to see why: its owner may only have to log in. Else generate a new one in Meta’s dashboard and PATCH the account with it.',
    ]);
  });

  it('loads what it does not know in one go, and remembers who does not exist', async () => {
    const { service, directory } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.create(SYSTEM_CONTEXT, newAccount('2'));
    expect([...(await directory.findMany(['1', '2', '3', '1'])).keys()]).toEqual(['1', '2']);
    expect(await directory.find('3')).toBeNull();
    await service.create(SYSTEM_CONTEXT, newAccount('3'));
    expect(await directory.find('3')).not.toBeNull();
    expect((await directory.findByUsername('SHOP2'))?.id).toBe('2');
  });

  it('takes an account’s rows with it, in pieces, and nobody else’s', async () => {
    const { service, deletion, directory } = wired(NEW_KEY);
    for (const id of ['1', '2']) {
      await service.create(SYSTEM_CONTEXT, newAccount(id));
      await database.dataSource.query(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         INSERT INTO messages (account_id, id, conversation_id, position, direction, kind, status, created_at)
         SELECT ?, 'm' || i, 'c', i, 'inbound', 'text', 'received', '2026-01-01 00:00:00.000' FROM n`,
        [id],
      );
    }
    await deletion.execute(SYSTEM_CONTEXT, '1');
    expect(await directory.find('1')).toBeNull();
    await expect(deletion.execute(SYSTEM_CONTEXT, '1')).rejects.toMatchObject({ kind: 'not_found' });
    const left = await database.dataSource.query('SELECT account_id, COUNT(*) AS n FROM messages GROUP BY account_id');
    expect(left).toEqual([{ account_id: '2', n: 2500 }]);
    await expect(service.create(SYSTEM_CONTEXT, newAccount('1'))).resolves.toMatchObject({ id: '1' });
  });

  it('shows an account whose credentials do not open among the others, and takes new ones for those alone', async () => {
    for (const id of ['1', '2']) await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount(id, { webhookVerifyToken: 'of both' }));
    await database.dataSource.query("UPDATE instagram_business_accounts SET app_secret = 'damaged', token_status = 'valid' WHERE id = '2'");
    const { service, directory } = wired(OLD_KEY);
    const { items } = await service.list(SYSTEM_CONTEXT.principal, 50, undefined);
    expect(items.map(({ id, problems }) => [id, problems.map(({ about }) => about)]).sort()).toEqual([['1', []], ['2', ['credentials']]]);
    await expect(directory.appSecret('2')).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('account 2') });
    expect(await directory.allAppSecrets()).toEqual([SECRETS.appSecret]);
    expect(await directory.listOfSameApp('2')).toEqual(['2']);
    await database.dataSource.query("UPDATE instagram_business_accounts SET webhook_verify_token = 'damaged' WHERE id = '1'");
    expect((await service.get('1')).webhookVerifyToken).toBeNull();
    expect(await directory.matchesAnyVerifyToken('of both')).toBe(true);
    await expect(service.update(SYSTEM_CONTEXT, '2', { status: 'inactive' })).resolves.toMatchObject({ status: 'inactive' });
    await expect(service.update(SYSTEM_CONTEXT, '2', { accessToken: 'IGAA-new' })).rejects.toMatchObject({ kind: 'conflict', message: expect.stringMatching(/^appSecret: /) });
    // Sealed with the others, it kept the token from being renewed.
    await database.dataSource.query("UPDATE account_care SET failures = 4, problem = 'not renewed', problem_since = ? WHERE account_id = '2' AND task = 'token'", ['2026-03-01 09:00:00.000']);
    const cured = await service.update(SYSTEM_CONTEXT, '2', { appSecret: 'another' });
    expect(cured).toMatchObject({ webhookVerifyToken: 'of both', tokenStatus: 'valid', problems: [] });
    expect([await directory.appSecret('2'), await directory.accessToken('2')]).toEqual(['another', SECRETS.accessToken]);
    const changes = await database.dataSource.query("SELECT changes FROM audit_log WHERE account_id = '2' ORDER BY id DESC LIMIT 1");
    expect(JSON.parse(changes[0].changes)).toEqual({ appSecret: 'changed' });
  });

  it('stops the start when the key does not open what is stored', async () => {
    await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount('1'));
    await expect(wired(OLD_KEY).check.run()).resolves.toBeUndefined();
    await expect(wired(NEW_KEY, [OLD_KEY]).check.run()).resolves.toBeUndefined();
    await expect(wired(NEW_KEY).check.run()).rejects.toThrow(/^APP_SECRET_KEY does not open .* \(account 1: /);
    // The key is right, the row is not: that stops its account only.
    await database.dataSource.query("UPDATE instagram_business_accounts SET app_secret = 'damaged' WHERE id = '1'");
    await expect(wired(OLD_KEY).check.run()).resolves.toBeUndefined();
  });

  it('seals everything with the newest key, names what it cannot open, and has nothing to do the second time', async () => {
    for (const id of ['1', '2', '3', '4']) await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount(id));
    await database.dataSource.query("UPDATE instagram_business_accounts SET app_secret = 'damaged' WHERE id = '2'");
    const { rotation, directory } = wired(NEW_KEY, [OLD_KEY]);
    const seen: string[] = [];
    const result = await rotation.execute({ batchSize: 2, onProgress: ({ done, total }) => seen.push(`${String(done)}/${String(total)}`) });
    expect(result).toEqual({ rotated: 3, failed: ['2'], damaged: ['2'], givenUp: [], locked: [], remaining: 1 });
    expect(seen.at(-1)).toBe('4/4');
    expect(await wired(NEW_KEY).directory.accessToken('4')).toBe(SECRETS.accessToken);
    expect(await directory.accessToken('1')).toBe(SECRETS.accessToken);
    expect((await rotation.execute()).rotated).toBe(0);
  });

  it('gives up what a lost key has sealed, and nothing else, so that the service starts and new credentials can be set', async () => {
    for (const id of ['1', '2']) await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount(id));
    await wired(NEW_KEY).service.create(SYSTEM_CONTEXT, newAccount('3'));
    const { check, rotation, service, directory } = wired(NEW_KEY);
    await expect(check.run()).rejects.toThrow(/does not open/);
    expect(await rotation.execute()).toMatchObject({ rotated: 0, failed: ['1', '2'], givenUp: [], remaining: 2 });
    await expect(check.run()).rejects.toThrow(/does not open/);

    expect(await rotation.execute({ giveUp: true })).toEqual({ rotated: 0, failed: [], damaged: [], givenUp: ['1', '2'], locked: [], remaining: 0 });
    await expect(check.run()).resolves.toBeUndefined();
    await expect(directory.accessToken('1')).rejects.toThrow(CredentialsUnreadableError);
    expect(await directory.accessToken('3')).toBe(SECRETS.accessToken);
    await service.update(SYSTEM_CONTEXT, '1', { ...SECRETS, accessToken: 'IGAA-anew', webhookVerifyToken: 'set-anew' });
    expect(await wired(NEW_KEY).directory.accessToken('1')).toBe('IGAA-anew');
    // The key is found after all: nothing is lost yet of what has not been set anew.
    expect(await wired(NEW_KEY, [OLD_KEY]).directory.accessToken('2')).toBe(SECRETS.accessToken);
  });
});
