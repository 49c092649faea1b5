import { afterAll, beforeAll, it } from '@jest/globals';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { AppSettings } from '../src/config/index.js';
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
import { expectFlat, rowsRead } from './support/flat-reads.js';
import { fillConversations, fillOutbox } from './support/outbox-rows.js';

const ACCOUNT = '17841400000000001';
const BACKLOG = 100_000;
const OTHERS = 50;
const NOW = new Date('2026-06-01T00:00:00.000Z');
const SMALL_PART = 1 / 25;

const conversation = `${ACCOUNT}:one`;
const QUESTIONS: Readonly<Record<string, (queue: Queue, tx: Tx) => Promise<unknown>>> = {
  'what waits, over all accounts': ({ outbox }, tx) => outbox.listWaiting(tx),
  'how many are unsettled': ({ outbox }, tx) => outbox.countUnsettled(tx, [ACCOUNT, '2000001']),
  'what may go': ({ due }, tx) => due.lockDue(tx, [{ accountId: ACCOUNT, limit: 32 }], NOW),
  'what may go, of an account with little': ({ due }, tx) => due.lockDue(tx, [{ accountId: '2000001', limit: 32 }], NOW),
  'what may go, of several': ({ due }, tx) => due.lockDue(tx, [ACCOUNT, '2000001', '2000002', '2000003'].map((accountId) => ({ accountId, limit: 32 })), NOW),
  'whose time is over, of several': ({ outbox }, tx) => outbox.listWithExpired(tx, [ACCOUNT, '2000001', '2000002'], NOW),
  'what is queued': ({ outbox }, tx) => outbox.lockQueued(tx, ACCOUNT, 500),
  'whose time is over': ({ outbox }, tx) => outbox.lockExpired(tx, ACCOUNT, NOW, 500),
  'what an echo may be of': ({ attempted }, tx) => attempted.lockAttempted(tx, [conversation, `${ACCOUNT}:7`].map((conversationId) => ({ accountId: ACCOUNT, conversationId }))),
  'what was lost': ({ attempted }, tx) => attempted.listLost(tx, ACCOUNT, NOW, ['an instance'], NOW, 200),
  'what a dead instance had in hand': ({ attempted }, tx) => attempted.listClaimedBy(tx, ACCOUNT, 'uncertain', 'an instance', 200),
  'what is to be looked up': ({ attempted }, tx) => attempted.claimLookups(tx, ACCOUNT, NOW, NOW, 10),
  'what stands behind a refused message': ({ outbox }, tx) => outbox.listRepliesBehind(tx, ACCOUNT, `${ACCOUNT}:7`),
  'what goes after one is settled': ({ due }, tx) => due.bringBack(tx, [{ accountId: ACCOUNT, conversationId: conversation }]),
};

/** An outbox in which one account has a backlog, half of it in one conversation, in front of everything else. */
class Queue {
  readonly due = new DueSendRepository(this.dialect);
  readonly outbox = new OutboxRepository(this.dialect, new SystemClock(), new InProcessDoorbell(), new OutboxHints(), this.due, this.me);
  readonly attempted = new AttemptedSendRepository(this.dialect, this.due, this.me);
  readonly transactions: TransactionRunner;

  private constructor(
    readonly dataSource: DataSource,
    readonly dialect: Dialect,
    private readonly me: InstanceId,
  ) {
    this.transactions = dialect.isSqlite ? new SerialTransactionRunner(dataSource, dialect) : new PooledTransactionRunner(dataSource, dialect);
  }

  static async open(settings: AppSettings, backlog: number): Promise<Queue> {
    const { dataSource, kind } = await openDataSource(settings, SCHEMA);
    await migrate(dataSource, kind);
    const queue = new Queue(dataSource, new Dialect(kind), new InstanceId());
    await queue.fill(backlog);
    return queue;
  }

  private async fill(backlog: number): Promise<void> {
    const { dataSource, dialect } = this;
    const at = new Date('2026-01-01T00:00:00.000Z');
    const later = new Date('2027-01-01T00:00:00.000Z');
    await insertAccount(dataSource, ACCOUNT);
    const row = (accountId: string, person: string) => ({
      accountId, conversation: person, createdAt: at, sendBefore: later, messageId: `message-${String(++messages)}`, text: 'hello',
    });
    let messages = 0;
    await fillConversations(dataSource, dialect, 1, () => row(ACCOUNT, 'one'));
    await fillOutbox(dataSource, dialect, backlog / 2, () => row(ACCOUNT, 'one'));
    await fillConversations(dataSource, dialect, backlog / 2, (index) => row(ACCOUNT, String(index)));
    await fillOutbox(dataSource, dialect, backlog / 2, (index) => row(ACCOUNT, String(index)));
    for (let index = 0; index < OTHERS; index++) {
      const accountId = String(2_000_000 + index);
      await insertAccount(dataSource, accountId);
      await fillConversations(dataSource, dialect, 1, () => row(accountId, '1'));
      await fillOutbox(dataSource, dialect, 1, () => row(accountId, '1'));
    }
    if (!dialect.isSqlite) await dataSource.query('ANALYZE TABLE outbox_messages, conversations');
  }

  async ask(question: string): Promise<number> {
    return await rowsRead(this, async (tx) => await QUESTIONS[question]?.(this, tx));
  }
}

/**
 * One account has a backlog of a hundred thousand: whatever is asked of the outbox must not read through it, or every
 * claim of that account would hold up all others.
 */
eachDatabase((database) => {
  let queue: Queue;
  let small: Queue | undefined;

  beforeAll(async () => {
    const settings = database.settings();
    queue = await Queue.open(settings, BACKLOG);
    if (queue.dialect.isSqlite) small = await Queue.open(database.settings({ DATA_DIR: join(settings.dataDir, 'small') }), BACKLOG * SMALL_PART);
  }, 300_000);

  afterAll(async () => {
    await queue.dataSource.destroy();
    await small?.dataSource.destroy();
  });

  it.each(Object.keys(QUESTIONS))('does not read through the backlog to tell %s', async (question) => {
    const little = small;
    await expectFlat(() => queue.ask(question), little && (() => little.ask(question)));
  });
});
