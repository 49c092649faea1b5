import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { AccountEntity, AccountRepository, type NewAccount } from '../src/accounts/index.js';
import { AuditEntity } from '../src/audit/index.js';
import { SYSTEM_CONTEXT } from '../src/common/request-context.js';
import { parseEnvironment } from '../src/config/index.js';
import { Dialect, migrate, openDataSource, type TransactionRunner } from '../src/database/index.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { LocalMeta } from '../src/local-meta/index.js';
import { WANTED } from '../src/messaging/care/subscription.policy.js';
import { GraphClient } from '../src/messaging/graph/graph-client.js';
import { careInstance, MovedClock } from './support/care-instance.js';
import { eachDatabase } from './support/databases.js';

const ID = '17841400000000001';
const TOKEN = 'IGAA-the-first';
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

/** Weeks of looking after an account: real database, real HTTP, Meta played on this machine; only the clock is ours. */
eachDatabase((database) => {
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let dialect: Dialect;
  let meta: LocalMeta;
  let clock: MovedClock;
  let graph: GraphClient;
  let one: ReturnType<typeof instance>;

  const instance = () => careInstance({ transactions, dialect, clock, graph });

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const opened = await openDataSource(database.settings(), { entities: [AccountEntity, AuditEntity], migrations: MIGRATIONS });
    dataSource = opened.dataSource;
    await migrate(dataSource, opened.kind);
    dialect = new Dialect(opened.kind);
    transactions = dialect.isSqlite
      ? new SerialTransactionRunner(dataSource, dialect)
      : new PooledTransactionRunner(dataSource, dialect);
  });
  afterAll(() => dataSource.destroy());
  beforeEach(async () => {
    for (const table of ['account_care', 'instagram_business_accounts', 'audit_log']) await dataSource.query(`DELETE FROM ${table}`);
    meta = await LocalMeta.start();
    clock = new MovedClock();
    graph = new GraphClient(parseEnvironment({ GRAPH_API_BASE_URL: meta.graphUrl }));
    one = instance();
  });
  afterEach(async () => {
    graph.onApplicationShutdown();
    await meta.close();
  });

  async function add(more: Partial<NewAccount> = {}): Promise<void> {
    const account = { id: ID, username: 'shop', accessToken: TOKEN, appSecret: 'secret', ...more };
    meta.addAccount({ ...account, callbackUrl: 'http://127.0.0.1:9' });
    await one.service.create(SYSTEM_CONTEXT, account);
  }
  const inTime = (ms: number) => new Date(clock.at.getTime() + ms);
  const account = () => one.service.get(ID);
  const calls = (endpoint: string) => meta.calls.filter((call) => call.endpoint === endpoint).map((call) => call.method);
  const audit = async () => {
    const rows: { action: string }[] = await dataSource.query('SELECT action FROM audit_log ORDER BY id');
    return rows.map(({ action }) => action).filter((action) => action !== 'account.create' && action !== 'account.update');
  };
  /** As the loop does, for so long. */
  async function pass(ms: number, step = 20 * 60_000): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      clock.pass(Math.min(step, ms - passed));
      await one.worker.round();
    }
  }

  it('subscribes a new account, knows its token, and then only looks', async () => {
    await add({ tokenExpiresAt: inTime(40 * DAY) });
    await one.worker.round();
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
    expect(await account()).toMatchObject({ tokenStatus: 'valid', problems: [] });
    await pass(6 * HOUR);
    expect(calls('subscribed_apps').filter((method) => method === 'POST')).toHaveLength(1);
    expect(calls('subscribed_apps').length).toBeGreaterThan(4);
    expect([calls('me').length, calls('refresh').length]).toEqual([1, 0]);
    expect(await audit()).toEqual(['account.subscribe']);
  });

  it('finds within ten minutes what an older version has added without what it does not know of', async () => {
    await add({ tokenExpiresAt: inTime(40 * DAY) });
    await one.worker.round();
    meta.unsubscribe(ID);
    await dataSource.query("DELETE FROM account_care WHERE task = 'subscription'");
    const [token] = await dataSource.query('SELECT * FROM account_care');
    await pass(9 * 60_000, 60_000);
    expect(meta.subscribedFields(ID)).toBeUndefined();
    await pass(60_000);
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
    // What it has is left as it is.
    expect(await dataSource.query("SELECT * FROM account_care WHERE task = 'token'")).toEqual([token]);
    await dataSource.query('DELETE FROM account_care');
    await pass(10 * 60_000);
    expect(await dataSource.query('SELECT task FROM account_care ORDER BY task')).toMatchObject([{ task: 'subscription' }, { task: 'token' }]);
  });

  it('repairs a subscription that Meta has ended, within the hour or so', async () => {
    await add({ tokenExpiresAt: inTime(40 * DAY) });
    await one.worker.round();
    meta.unsubscribe(ID);
    await pass(1.3 * HOUR);
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
    expect(await audit()).toEqual(['account.subscribe', 'account.subscribe']);
  });

  it('makes do with what Meta gives, says so, and asks for the rest every day', async () => {
    meta.refuseFields(ID, ['comments', 'live_comments', 'mentions']);
    await add({ tokenExpiresAt: inTime(40 * DAY) });
    await pass(20 * HOUR);
    expect(meta.subscribedFields(ID)).toEqual(WANTED.filter((field) => field.startsWith('messag')));
    expect((await account()).problems).toMatchObject([{ about: 'subscription', message: expect.stringContaining('comments, live_comments, mentions') }]);
    expect(calls('subscribed_apps').filter((method) => method === 'POST')).toHaveLength(2);
    meta.refuseFields(ID, []);
    await pass(6 * HOUR);
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
    expect((await account()).problems).toEqual([]);
    expect(await audit()).toEqual(['account.subscribe', 'account.subscribe']);
  });

  it('tries again what failed, with pauses that grow, and shows it meanwhile', async () => {
    meta.failNext({ on: 'subscribed_apps', mode: 'status', status: 503, times: 4 });
    await add({ tokenExpiresAt: inTime(40 * DAY) });
    await one.worker.round();
    expect((await account()).problems).toMatchObject([{ about: 'subscription', message: expect.stringContaining('HTTP 503') }]);
    await pass(25 * 60_000, 30_000);
    expect(calls('subscribed_apps')).toHaveLength(3);
    await pass(3 * HOUR, 60_000);
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
    expect((await account()).problems).toEqual([]);
  });

  it('leaves alone what is not its business, until it is', async () => {
    await add({ manageSubscription: false });
    await pass(3 * DAY, 6 * HOUR);
    expect(calls('subscribed_apps')).toEqual([]);
    await one.service.update(SYSTEM_CONTEXT, ID, { manageSubscription: true });
    await one.worker.round();
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
  });

  it('goes by what another instance has just changed, not by what it remembers', async () => {
    await add({ manageSubscription: false });
    await pass(3 * DAY, 6 * HOUR);
    expect((await one.directory.find(ID))?.manageSubscription).toBe(false);
    await instance().service.update(SYSTEM_CONTEXT, ID, { manageSubscription: true });
    await one.worker.round();
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
  });

  it('refreshes a token from ten days before its end, once, however many instances look', async () => {
    await add({ tokenExpiresAt: inTime(20 * DAY) });
    await pass(9.9 * DAY, 6 * HOUR);
    expect(calls('refresh')).toEqual([]);
    clock.pass(0.4 * DAY);
    const others = [instance(), instance(), instance()];
    await Promise.all([one, ...others].map(({ worker }) => worker.round()));
    expect(calls('refresh')).toHaveLength(1);
    expect(await account()).toMatchObject({ tokenExpiresAt: inTime(60 * DAY), tokenStatus: 'valid', problems: [] });
    const stored = await instance().directory.accessToken(ID);
    expect(stored).not.toBe(TOKEN);
    await pass(3 * DAY, 6 * HOUR);
    expect(calls('refresh')).toHaveLength(1);
    expect(await audit()).toEqual(['account.subscribe', 'account.token_refresh']);
  });

  it('learns an end nobody told it a day after the token came', async () => {
    await add();
    await pass(23.5 * HOUR);
    expect(calls('refresh')).toEqual([]);
    await pass(HOUR, 60_000);
    expect(calls('refresh')).toHaveLength(1);
    expect((await account()).tokenExpiresAt?.getTime()).toBeGreaterThan(inTime(59 * DAY).getTime());
  });

  it('lets a token that somebody stores during the refresh win', async () => {
    await add({ tokenExpiresAt: inTime(5 * DAY) });
    meta.failNext({ on: 'refresh', mode: 'delay', answerDelayMs: 300 });
    const round = one.worker.round();
    while (calls('refresh').length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.pass(100);
    meta.addToken(ID, 'IGAA-a-persons');
    await instance().service.update(SYSTEM_CONTEXT, ID, { accessToken: 'IGAA-a-persons', tokenExpiresAt: inTime(50 * DAY) });
    await round;
    expect(await instance().directory.accessToken(ID)).toBe('IGAA-a-persons');
    expect(await audit()).toEqual(['account.subscribe']);
    await one.worker.round();
    expect(await account()).toMatchObject({ tokenStatus: 'valid', tokenExpiresAt: inTime(50 * DAY) });
    expect(calls('refresh')).toHaveLength(1);
  });

  it('leaves no subscription behind for an account that is deleted while it is being subscribed', async () => {
    meta.failNext({ on: 'subscribed_apps', mode: 'delay', answerDelayMs: 300 });
    await add({ tokenExpiresAt: inTime(40 * DAY) });
    const round = one.worker.round();
    while (calls('subscribed_apps').length === 0) await new Promise((resolve) => setImmediate(resolve));
    // By another instance, which has Meta end the subscription at once: before there is one.
    await transactions.run((tx) => new AccountRepository(dialect).markDeleted(tx, ID, clock.now()));
    await round;
    expect(calls('subscribed_apps')).toEqual(['GET', 'POST', 'DELETE']);
    expect(meta.subscribedFields(ID)).toBeUndefined();
    expect(await audit()).toEqual([]);
  });

  it('goes on trying while Meta is away, and says when the token ends', async () => {
    await add({ tokenExpiresAt: inTime(9 * DAY) });
    meta.failNext({ on: 'refresh', mode: 'drop', times: 3 });
    await one.worker.round();
    expect((await account()).problems).toMatchObject([{ about: 'token', message: expect.stringMatching(/could not be renewed.*It ends at 20/) }]);
    await pass(HOUR, 60_000);
    expect(calls('refresh')).toHaveLength(4);
    expect((await account()).problems).toEqual([]);
    expect((await account()).tokenStatus).toBe('valid');
  });

  it('gives up a token only when Meta refuses it for everything, and takes it back when its owner has set it right', async () => {
    await add({ tokenExpiresAt: inTime(5 * DAY) });
    meta.failNext({ on: 'refresh', code: 190 });
    await one.worker.round();
    expect(await account()).toMatchObject({ tokenStatus: 'expiring', problems: [{ about: 'token' }] });
    meta.revokeToken(TOKEN, 459);
    await pass(10 * 60_000, 60_000);
    expect(await account()).toMatchObject({ tokenStatus: 'invalid', problems: [{ about: 'token', message: expect.stringContaining('code 190/459') }] });
    const before = meta.calls.length;
    await pass(2 * HOUR, 60_000);
    expect(meta.calls.length).toBe(before);
    meta.addToken(ID, TOKEN);
    await pass(8 * HOUR);
    expect(await account()).toMatchObject({ tokenStatus: 'valid', problems: [] });
  });

  it('asks about a token whose time is over, since the date may be wrong', async () => {
    await add({ tokenExpiresAt: inTime(-DAY) });
    await one.worker.round();
    expect(await account()).toMatchObject({ tokenStatus: 'expiring' });
    await pass(1.1 * DAY, 60 * 60_000);
    expect((await account()).tokenExpiresAt?.getTime()).toBeGreaterThan(inTime(58 * DAY).getTime());
    expect(calls('refresh')).toHaveLength(1);
  });

  it('is back minutes after stored credentials open again, however long they did not', async () => {
    await add({ tokenExpiresAt: inTime(40 * DAY) });
    await one.worker.round();
    const rows: { access_token: string }[] = await dataSource.query('SELECT access_token FROM instagram_business_accounts');
    await dataSource.query("UPDATE instagram_business_accounts SET access_token = 'damaged'");
    await pass(14 * HOUR);
    // Deliveries that cannot be checked fail, and after an hour of that Meta ends the subscription.
    meta.unsubscribe(ID);
    expect((await account()).problems.map(({ about }) => about)).toEqual(expect.arrayContaining(['credentials', 'token', 'subscription']));
    await dataSource.query('UPDATE instagram_business_accounts SET access_token = ?', [rows[0]?.access_token]);
    await pass(10 * 60_000, 60_000);
    expect(meta.subscribedFields(ID)).toEqual(WANTED);
    expect((await account()).problems).toEqual([]);
  });

  it('writes neither token into the audit trail', async () => {
    await add({ tokenExpiresAt: inTime(5 * DAY) });
    await one.worker.round();
    const changes = JSON.stringify(await dataSource.query('SELECT * FROM audit_log'));
    expect(changes).toContain('account.token_refresh');
    for (const token of [TOKEN, await one.directory.accessToken(ID)]) expect(changes).not.toContain(token);
  });
});
