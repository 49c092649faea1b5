import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../src/common/clock.js';
import { migrate, openDataSource, Dialect, type TransactionRunner, type Tx } from '../src/database/index.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { AttemptedSendRepository } from '../src/messaging/outbox/attempted-send.repository.js';
import { DueSendRepository } from '../src/messaging/outbox/due-send.repository.js';
import { InstanceId } from '../src/messaging/instances/instance-id.js';
import { OutboxHints } from '../src/messaging/outbox/outbox-hints.js';
import { OutboxRepository } from '../src/messaging/outbox/outbox.repository.js';
import { InProcessDoorbell } from '../src/queue/index.js';
import { SCHEMA } from '../src/schema.js';
import { insertAccount } from './support/account-row.js';
import { eachDatabase } from './support/databases.js';
import { Handlers } from './support/handlers.js';
import { fillConversations, fillOutbox } from './support/outbox-rows.js';

const ACCOUNT = '17841400000000001';
const BACKLOG = 100_000;
const OTHERS = 50;
const NOW = new Date('2026-06-01T00:00:00.000Z');
/** Of the sort a question may touch: what it gives, and a front of the queue; never a part of the backlog. */
const MOST_ROWS_READ = 3_000;
const MOST_CPU_MS = 12;

/**
 * One account has a backlog of a hundred thousand: whatever is asked of the outbox must not read through it, or every
 * claim of that account would hold up all others. On the servers the rows read are counted; SQLite shows its plan.
 */
eachDatabase((database) => {
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let outbox: OutboxRepository;
  let due: DueSendRepository;
  let attempted: AttemptedSendRepository;
  let handlers: Handlers;
  let dialect: Dialect;

  beforeAll(async () => {
    const opened = await openDataSource(database.settings(), SCHEMA);
    dataSource = opened.dataSource;
    await migrate(dataSource, opened.kind);
    dialect = new Dialect(opened.kind);
    transactions = dialect.isSqlite ? new SerialTransactionRunner(dataSource, dialect) : new PooledTransactionRunner(dataSource, dialect);
    const me = new InstanceId();
    due = new DueSendRepository(dialect);
    outbox = new OutboxRepository(dialect, new SystemClock(), new InProcessDoorbell(), new OutboxHints(), due, me);
    attempted = new AttemptedSendRepository(dialect, due, me);
    handlers = new Handlers(dialect);
    const at = new Date('2026-01-01T00:00:00.000Z');
    const later = new Date('2027-01-01T00:00:00.000Z');
    await insertAccount(dataSource, ACCOUNT);
    const row = (accountId: string, conversation: string) => ({
      accountId, conversation, createdAt: at, sendBefore: later, messageId: `message-${String(++messages)}`, text: 'hello',
    });
    let messages = 0;
    // Half of it in one conversation, in front of everything else.
    await fillConversations(dataSource, dialect, 1, () => row(ACCOUNT, 'one'));
    await fillOutbox(dataSource, dialect, BACKLOG / 2, () => row(ACCOUNT, 'one'));
    await fillConversations(dataSource, dialect, BACKLOG / 2, (index) => row(ACCOUNT, String(index)));
    await fillOutbox(dataSource, dialect, BACKLOG / 2, (index) => row(ACCOUNT, String(index)));
    for (let index = 0; index < OTHERS; index++) {
      const accountId = String(2_000_000 + index);
      await insertAccount(dataSource, accountId);
      await fillConversations(dataSource, dialect, 1, () => row(accountId, '1'));
      await fillOutbox(dataSource, dialect, 1, () => row(accountId, '1'));
    }
    if (!dialect.isSqlite) await dataSource.query('ANALYZE TABLE outbox_messages, conversations');
  }, 300_000);

  afterAll(async () => {
    await dataSource.destroy();
  });

  const conversation = `${ACCOUNT}:one`;
  const questions: [string, (tx: Tx) => Promise<unknown>][] = [
    ['what waits, over all accounts', (tx) => outbox.listWaiting(tx)],
    ['how many are unsettled', (tx) => outbox.countUnsettled(tx, [ACCOUNT, '2000001'])],
    ['what may go', (tx) => due.lockDue(tx, [{ accountId: ACCOUNT, limit: 32 }], NOW)],
    ['what may go, of an account with little', (tx) => due.lockDue(tx, [{ accountId: '2000001', limit: 32 }], NOW)],
    ['what may go, of several', (tx) => due.lockDue(tx, [ACCOUNT, '2000001', '2000002', '2000003'].map((accountId) => ({ accountId, limit: 32 })), NOW)],
    ['whose time is over, of several', (tx) => outbox.listWithExpired(tx, [ACCOUNT, '2000001', '2000002'], NOW)],
    ['what is queued', (tx) => outbox.lockQueued(tx, ACCOUNT, 500)],
    ['whose time is over', (tx) => outbox.lockExpired(tx, ACCOUNT, NOW, 500)],
    ['what an echo may be of', (tx) => attempted.lockAttempted(tx, [conversation, `${ACCOUNT}:7`].map((conversationId) => ({ accountId: ACCOUNT, conversationId })))],
    ['what was lost', (tx) => attempted.listLost(tx, ACCOUNT, NOW, ['an instance'], NOW, 200)],
    ['what a dead instance had in hand', (tx) => attempted.listClaimedBy(tx, ACCOUNT, 'uncertain', 'an instance', 200)],
    ['what is to be looked up', (tx) => attempted.claimLookups(tx, ACCOUNT, NOW, NOW, 10)],
    ['what stands behind a refused message', (tx) => outbox.listRepliesBehind(tx, ACCOUNT, `${ACCOUNT}:7`)],
    ['what goes after one is settled', (tx) => due.bringBack(tx, [{ accountId: ACCOUNT, conversationId: conversation }])],
  ];

  it.each(questions)('does not read through the backlog to tell %s', async (_, ask) => {
    let least = Infinity;
    for (let times = 0; times < (dialect.isSqlite ? 15 : 5); times++) least = Math.min(least, await costOf(ask));
    expect(least).toBeLessThan(dialect.isSqlite ? MOST_CPU_MS : MOST_ROWS_READ);
  });

  /** Rows read; on SQLite, which does not count them but works in this very process, milliseconds of its time. */
  async function costOf(ask: (tx: Tx) => Promise<unknown>): Promise<number> {
    // Undone at the end: each question meets the same rows.
    const undo = new Error('undone');
    let cost = Infinity;
    await transactions.run(async (tx) => {
      if (dialect.isSqlite) {
        const before = process.cpuUsage();
        await ask(tx);
        cost = process.cpuUsage(before).user / 1000;
      } else {
        const before = await handlers.read(tx);
        const itself = (await handlers.read(tx)) - before;
        await ask(tx);
        cost = (await handlers.read(tx)) - before - 2 * itself;
      }
      throw undo;
    }).catch((error: unknown) => {
      if (error !== undo) throw error;
    });
    return cost;
  }
});
