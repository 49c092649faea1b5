import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import { Dialect, openDataSource, Tx } from '../src/database/index.js';
import { limitWaits, LOCK_WAIT_SECONDS } from '../src/database/limit-waits.js';
import { PooledTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { deliveryOf, entryOf, newIgsid, textEvent } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

/** Meta's. */
const PATIENCE_MS = 5_000;

eachDatabase((database) => {
  if (database.name === 'SQLite') {
    it('has no row locks: its writers take turns', () => {
      expect(new Dialect('sqlite').forShareSkipLocked).toBe('');
    });
    return;
  }
  let stage: Stage;
  let somebody: Connection;

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, LOG_LEVEL: 'warn' });
    somebody = await createConnection({ uri: database.env.MYSQL_URL! });
  });

  afterAll(async () => {
    await somebody.end();
    await stage.close();
  });

  const deliver = async (account: TestAccount, person: string) => {
    const since = performance.now();
    const { status } = await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [textEvent({ accountId: account.id, person }, 'hello')])));
    return { status, tookMs: performance.now() - since };
  };

  it('an account whose row somebody keeps locked is told to come back, and keeps no other account waiting', async () => {
    const [held, other] = [await stage.addAccount(), await stage.addAccount()];
    for (const account of [held, other]) await stage.addRule(account, { responseTemplate: 'reply' });
    await somebody.query('START TRANSACTION');
    await somebody.query('SELECT id FROM instagram_business_accounts WHERE id = ? FOR UPDATE', [held.id]);
    const person = newIgsid();
    const first = await Promise.all([deliver(held, person), stage.write(other, 'hello')]);
    expect(first[0].status).toBe(503);
    expect(first[0].tookMs).toBeLessThan(PATIENCE_MS);
    // Known by now, it costs nobody the wait for its lock.
    for (let round = 0; round < 5; round++) {
      const [refused, taken] = await Promise.all([deliver(held, person), deliver(other, newIgsid())]);
      expect([refused.status, taken.status]).toEqual([503, 200]);
      expect(taken.tookMs).toBeLessThan(LOCK_WAIT_SECONDS * 1000);
    }
    await stage.replies(other, first[1].person, 1);
    expect(stage.service.output).toContain('locked by another session');
    await somebody.query('ROLLBACK');
    await eventually('the delivery', () => deliver(held, person), ({ status }) => status === 200);
    await stage.replies(held, person, 1);
  });

  it('what is stored of it waits until it is free, and everybody else is answered', async () => {
    const [held, other] = [await stage.addAccount(), await stage.addAccount()];
    for (const account of [held, other]) await stage.addRule(account, { responseTemplate: 'reply' });
    const another = await createConnection({ uri: database.env.MYSQL_URL! });
    // So that it is stored before the account is locked, and applied after.
    await another.query('START TRANSACTION');
    await another.query('SELECT lane FROM inbox_lanes FOR UPDATE');
    const written = await Promise.all([held, other].flatMap((account) => Array.from({ length: 20 }, async () => ({ account, ...(await stage.write(account, 'hello')) }))));
    await somebody.query('START TRANSACTION');
    await somebody.query('SELECT id FROM instagram_business_accounts WHERE id = ? FOR UPDATE', [held.id]);
    await another.end();
    for (const { account, person } of written) if (account === other) await stage.replies(account, person, 1);
    expect(await stage.events(held, '?status=pending')).toHaveLength(20);
    await somebody.query('ROLLBACK');
    for (const { account, person } of written) await stage.replies(account, person, 1);
    expect(stage.meta.accepted.filter(({ accountId }) => accountId === held.id)).toHaveLength(20);
    expect((await stage.service.list<{ attempts: number }>(`/accounts/${held.id}/events?status=processed`)).every(({ attempts }) => attempts === 1)).toBe(true);
  });

  it('a session that was idle for two minutes lets go of its locks, and a lock is waited for no longer than a delivery can', async () => {
    const { dataSource } = await openDataSource(database.settings(), { entities: [], migrations: [] });
    try {
      limitWaits(dataSource);
      const [row] = await dataSource.query<Record<string, number>[]>('SELECT @@innodb_lock_wait_timeout AS waiting, @@wait_timeout AS idle');
      expect(row).toEqual({ waiting: LOCK_WAIT_SECONDS, idle: 120 });
    } finally {
      await dataSource.destroy();
    }
  });

  it('a connection to a server that takes no changes any more is not used again', async () => {
    const { dataSource, kind } = await openDataSource(database.settings(), { entities: [], migrations: [] });
    try {
      const dialect = new Dialect(kind);
      const runner = new PooledTransactionRunner(dataSource, dialect);
      const write = () => runner.run((tx) => Tx.managerOf(tx).query('UPDATE inbox_lanes SET lane = lane WHERE lane = 0'));
      await write();
      await runner.read((tx) => Tx.managerOf(tx).query('SET SESSION TRANSACTION READ ONLY'));
      expect(dialect.isUnavailable(await write().catch((error: unknown) => error))).toBe(true);
      await write();
    } finally {
      await dataSource.destroy();
    }
  });
});
