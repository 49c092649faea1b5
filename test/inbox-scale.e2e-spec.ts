import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { AppSettings } from '../src/config/index.js';
import { migrate, openDataSource, Dialect, type TransactionRunner } from '../src/database/index.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { InboxLaneRepository } from '../src/messaging/inbox/inbox-lane.repository.js';
import { SCHEMA } from '../src/schema.js';
import { insertAccount } from './support/account-row.js';
import { eachDatabase } from './support/databases.js';
import { expectFlat, rowsRead } from './support/flat-reads.js';

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
const SMALL_PART = 1 / 25;

/** A lane with the backlogs of two accounts, and little of others before, between and behind. */
class Lane {
  readonly transactions: TransactionRunner;
  private made = 0;

  private constructor(
    readonly dataSource: DataSource,
    readonly dialect: Dialect,
  ) {
    this.transactions = dialect.isSqlite ? new SerialTransactionRunner(dataSource, dialect) : new PooledTransactionRunner(dataSource, dialect);
  }

  static async open(settings: AppSettings, backlog: number): Promise<Lane> {
    const { dataSource, kind } = await openDataSource(settings, SCHEMA);
    await migrate(dataSource, kind);
    const lane = new Lane(dataSource, new Dialect(kind));
    await lane.fill(backlog);
    return lane;
  }

  private async fill(backlog: number): Promise<void> {
    for (const id of [VIRAL, QUIET, BUSY, NEXT]) await insertAccount(this.dataSource, id);
    await this.insert(VIRAL, backlog / 2, (index) => String(index % 300));
    await this.insert(QUIET, 1, () => 'ann');
    await this.insert(BUSY, 150, (index) => String(index));
    await this.insert(VIRAL, backlog / 2, (index) => String(index % 300));
    await this.insert(NEXT, backlog / 2, (index) => String(index % 300));
    await this.insert(QUIET, 2, () => 'ann');
    await this.insert(QUIET, 1, () => 'waits', '2026-06-02 00:00:00.000');
    await this.insert(QUIET, 1, () => 'waits');
    await this.insert(BUSY, 1, () => 'new');
    if (!this.dialect.isSqlite) await this.dataSource.query('ANALYZE TABLE webhook_events');
  }

  private async insert(account: string, count: number, person: (index: number) => string, nextAttemptAt: string | null = null): Promise<void> {
    for (let from = 0; from < count; from += 250) {
      const rows = Array.from({ length: Math.min(250, count - from) }, (_, index) => [
        account, `key-${String(++this.made)}`, 'message', LANE, `${account}:${person(from + index)}`, 'pending', 0, nextAttemptAt, AT, AT, '{}',
      ]);
      await this.dataSource.query(
        `INSERT INTO webhook_events (account_id, dedupe_key, kind, pending_lane, conversation_id, status, attempts, next_attempt_at, occurred_at, received_at, payload)
         VALUES ${rows.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ')}`,
        rows.flat(),
      );
    }
  }

  /** By somebody who does not know yet who has a backlog. @returns how many rows it read, where the server counts them */
  async look(): Promise<number> {
    return await rowsRead(this, (tx) => new InboxLaneRepository(this.dialect).listDue(tx, LANE, NOW, BATCH));
  }
}

/** One account's backlog in a lane: others go ahead of it, in their order, and finding them does not read through it. */
eachDatabase((database) => {
  let lane: Lane;
  let small: Lane | undefined;

  beforeAll(async () => {
    const settings = database.settings();
    lane = await Lane.open(settings, BACKLOG);
    if (lane.dialect.isSqlite) small = await Lane.open(database.settings({ DATA_DIR: join(settings.dataDir, 'small') }), BACKLOG * SMALL_PART);
  }, 300_000);

  afterAll(async () => {
    await lane.dataSource.destroy();
    await small?.dataSource.destroy();
  });

  it('takes the oldest, and with them whole conversations of accounts that have no backlog', async () => {
    const lanes = new InboxLaneRepository(lane.dialect);
    const { events, more } = await lane.transactions.read((tx) => lanes.listDue(tx, LANE, NOW, BATCH));
    expect(more).toBe(true);
    expect(events.slice(0, BATCH).every(({ accountId }) => accountId === VIRAL)).toBe(true);
    const ahead = events.slice(BATCH);
    expect(new Set(ahead.map(({ conversationId }) => conversationId))).toEqual(new Set([`${QUIET}:ann`]));
    expect(ahead.map(({ dedupeKey }) => dedupeKey).toSorted()).toHaveLength(3);
  });

  it('does not read through the backlog for it', async () => {
    const little = small;
    await expectFlat(() => lane.look(), little && (() => little.look()));
  });
});
