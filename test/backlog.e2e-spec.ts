import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { SystemClock } from '../src/common/clock.js';
import { Dialect, migrate, openDataSource, type TransactionRunner } from '../src/database/index.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { Backlog } from '../src/messaging/backlog.js';
import { QueueDepthRepository } from '../src/messaging/queue-depth.repository.js';
import { insertAccount } from './support/account-row.js';
import { eachDatabase } from './support/databases.js';

eachDatabase((database) => {
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let dialect: Dialect;

  beforeAll(async () => {
    const opened = await openDataSource(database.settings(), { entities: [], migrations: MIGRATIONS });
    dataSource = opened.dataSource;
    await migrate(dataSource, opened.kind);
    dialect = new Dialect(opened.kind);
    transactions = dialect.isSqlite
      ? new SerialTransactionRunner(dataSource, dialect)
      : new PooledTransactionRunner(dataSource, dialect);
    await insertAccount(dataSource, '17');
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  const backlog = () => new Backlog(transactions, new QueueDepthRepository(dialect), new SystemClock());

  async function insertEvent(key: string, lane: number | null, receivedAt: string): Promise<void> {
    await dataSource.query(
      `INSERT INTO webhook_events (account_id, dedupe_key, kind, pending_lane, status, attempts, occurred_at, received_at, payload)
       VALUES ('17', ?, 'message', ?, ?, 0, ?, ?, '{}')`,
      [key, lane, lane === null ? 'processed' : 'pending', receivedAt, receivedAt],
    );
  }

  it('says that nothing waits when nothing does', async () => {
    expect(await backlog().report()).toEqual({
      inbox: { depth: 0, oldestAt: null },
      outbox: { depth: 0, oldestAt: null },
      unsettled: { sending: { depth: 0, oldestAt: null }, uncertain: { depth: 0, oldestAt: null } },
      deadTokens: 0,
      pausedAccounts: 0,
      troubled: { token: 0, subscription: 0 },
    });
  });

  it('counts what waits, over all lanes, and knows since when', async () => {
    await insertEvent('settled', null, '2026-01-01 00:00:00.000');
    await insertEvent('b', 9, '2026-01-01 00:02:00.000');
    await insertEvent('a', 3, '2026-01-01 00:01:00.000');
    await insertEvent('c', 3, '2026-01-01 00:03:00.000');
    await dataSource.query(
      `INSERT INTO outbox_messages (account_id, conversation_id, message_id, source, status, attempts, next_attempt_at, lookups, request, created_at)
       VALUES ('17', '17:1', 'm1', 'rule', 'queued', 0, '2026-01-01 00:04:00.000', 0, '{}', '2026-01-01 00:04:00.000')`,
    );
    await dataSource.query(`UPDATE instagram_business_accounts SET token_status = 'invalid', sending_paused_until = '2999-01-01 00:00:00.000' WHERE id = '17'`);
    await dataSource.query(
      `INSERT INTO account_care (account_id, task, due_at, failures, problem_since) VALUES
       ('17', 'token', '2026-01-01 00:00:00.000', 2, '2026-01-01 00:00:00.000'),
       ('17', 'subscription', '2026-01-01 00:00:00.000', 0, '2026-01-01 00:00:00.000')`,
    );
    expect(await backlog().report()).toEqual({
      inbox: { depth: 3, oldestAt: new Date('2026-01-01T00:01:00.000Z') },
      outbox: { depth: 1, oldestAt: new Date('2026-01-01T00:04:00.000Z') },
      unsettled: { sending: { depth: 0, oldestAt: null }, uncertain: { depth: 0, oldestAt: null } },
      deadTokens: 1,
      pausedAccounts: 1,
      troubled: { token: 1, subscription: 0 },
    });
  });

  it('tells what is on its way and what is looked up, over all accounts', async () => {
    await insertAccount(dataSource, '18');
    for (const [account, id, status, at] of [
      ['17', 'm2', 'sending', '2026-01-01 00:06:00.000'], ['18', 'm3', 'uncertain', '2026-01-01 00:05:00.000'], ['17', 'm4', 'uncertain', '2026-01-01 00:07:00.000'],
    ]) {
      await dataSource.query(
        `INSERT INTO outbox_messages (account_id, conversation_id, message_id, source, status, attempts, next_attempt_at, attempted_at, lookups, request, created_at)
         VALUES (?, ?, ?, 'rule', ?, 1, ?, ?, 0, '{}', ?)`,
        [account, `${account}:1`, id, status, at, at, at],
      );
    }
    expect((await backlog().report()).unsettled).toEqual({
      sending: { depth: 1, oldestAt: new Date('2026-01-01T00:06:00.000Z') },
      uncertain: { depth: 2, oldestAt: new Date('2026-01-01T00:05:00.000Z') },
    });
  });
});
