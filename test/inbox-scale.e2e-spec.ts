import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migrate, openDataSource, Dialect, type TransactionRunner } from '../src/database/index.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { InboxLaneRepository } from '../src/messaging/inbox/inbox-lane.repository.js';
import { SCHEMA } from '../src/schema.js';
import { insertAccount } from './support/account-row.js';
import { eachDatabase } from './support/databases.js';
import { Handlers } from './support/handlers.js';

const LANE = 17;
const BACKLOG = 50_000;
const BATCH = 200;
const VIRAL = '1';
const QUIET = '2';
const BUSY = '3';
/** Has a backlog as well, behind the other one: only a look tells. */
const NEXT = '4';
const NOW = new Date('2026-06-01T00:00:00.000Z');
const AT = '2026-06-01 00:00:00.000';
/** Two batches with what is looked at beside them; never a part of the backlog. */
const MOST_ROWS_READ = 3_000;
const MOST_CPU_MS = 25;

/** One account's backlog in a lane: others go ahead of it, in their order, and finding them does not read through it. */
eachDatabase((database) => {
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let lanes: InboxLaneRepository;
  let handlers: Handlers;
  let dialect: Dialect;
  let made = 0;

  beforeAll(async () => {
    const opened = await openDataSource(database.settings(), SCHEMA);
    dataSource = opened.dataSource;
    await migrate(dataSource, opened.kind);
    dialect = new Dialect(opened.kind);
    transactions = dialect.isSqlite ? new SerialTransactionRunner(dataSource, dialect) : new PooledTransactionRunner(dataSource, dialect);
    lanes = new InboxLaneRepository(dialect);
    handlers = new Handlers(dialect);
    for (const id of [VIRAL, QUIET, BUSY, NEXT]) await insertAccount(dataSource, id);
    await insert(VIRAL, BACKLOG / 2, (index) => String(index % 300));
    await insert(QUIET, 1, () => 'ann');
    await insert(BUSY, 150, (index) => String(index));
    await insert(VIRAL, BACKLOG / 2, (index) => String(index % 300));
    await insert(NEXT, BACKLOG / 2, (index) => String(index % 300));
    await insert(QUIET, 2, () => 'ann');
    await insert(QUIET, 1, () => 'waits', '2026-06-02 00:00:00.000');
    await insert(QUIET, 1, () => 'waits');
    await insert(BUSY, 1, () => 'new');
    if (!dialect.isSqlite) await dataSource.query('ANALYZE TABLE webhook_events');
  }, 300_000);

  afterAll(async () => {
    await dataSource.destroy();
  });

  async function insert(account: string, count: number, person: (index: number) => string, nextAttemptAt: string | null = null): Promise<void> {
    for (let from = 0; from < count; from += 250) {
      const rows = Array.from({ length: Math.min(250, count - from) }, (_, index) => [
        account, `key-${String(++made)}`, 'message', LANE, `${account}:${person(from + index)}`, 'pending', 0, nextAttemptAt, AT, AT, '{}',
      ]);
      await dataSource.query(
        `INSERT INTO webhook_events (account_id, dedupe_key, kind, pending_lane, conversation_id, status, attempts, next_attempt_at, occurred_at, received_at, payload)
         VALUES ${rows.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ')}`,
        rows.flat(),
      );
    }
  }

  it('takes the oldest, and with them whole conversations of accounts that have no backlog', async () => {
    const { events, more } = await transactions.read((tx) => lanes.listDue(tx, LANE, NOW, BATCH));
    expect(more).toBe(true);
    expect(events.slice(0, BATCH).every(({ accountId }) => accountId === VIRAL)).toBe(true);
    const ahead = events.slice(BATCH);
    expect(new Set(ahead.map(({ conversationId }) => conversationId))).toEqual(new Set([`${QUIET}:ann`]));
    expect(ahead.map(({ dedupeKey }) => dedupeKey).toSorted()).toHaveLength(3);
  });

  it('does not read through the backlog for it', async () => {
    let least = Infinity;
    for (let times = 0; times < 5; times++) {
      await transactions.read(async (tx) => {
        // A new one: it must not know yet who has a backlog.
        const fresh = new InboxLaneRepository(dialect);
        const cpu = process.cpuUsage();
        const before = dialect.isSqlite ? 0 : await handlers.read(tx);
        await fresh.listDue(tx, LANE, NOW, BATCH);
        least = Math.min(least, dialect.isSqlite ? process.cpuUsage(cpu).user / 1000 : (await handlers.read(tx)) - before);
      });
    }
    expect(least).toBeLessThan(dialect.isSqlite ? MOST_CPU_MS : MOST_ROWS_READ);
  });
});
