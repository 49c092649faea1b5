import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { AuditRepository, type AuditFilter } from '../src/audit/audit.repository.js';
import type { AppSettings } from '../src/config/index.js';
import { ConversationRepository, EarlyChangeRepository, type EarlyChange } from '../src/conversations/index.js';
import { migrate, openDataSource, Dialect, type TransactionRunner, type Tx } from '../src/database/index.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { EventLogRepository } from '../src/messaging/inbox/event-log.repository.js';
import { InboxLaneRepository } from '../src/messaging/inbox/inbox-lane.repository.js';
import { RetentionRepository } from '../src/messaging/inbox/retention.repository.js';
import { DueSendRepository } from '../src/messaging/outbox/due-send.repository.js';
import { QueueDepthRepository } from '../src/messaging/queue-depth.repository.js';
import { SCHEMA } from '../src/schema.js';
import { eachDatabase } from './support/databases.js';
import { expectFlat, MOST_ROWS_READ, rowsRead } from './support/flat-reads.js';
import { LARGE, NEWER, OTHERS, timeOf, WideTables } from './support/wide-tables.js';

const ROWS = 30_000;
/** Looked at: it has a page of 50, or 500 rows to remove. */
const PAGE = 50;
const PIECE = 500;
const LANE = 17;
const SMALL_PART = 1 / 10;

type Question = (tables: Tables, tx: Tx) => Promise<unknown>;

/** Whatever the share of the list in front of a page, and behind it. */
const DEPTHS = [0.1, 0.5, 0.9];
const audit = (filter: Partial<AuditFilter>): Question => ({ dialect }, tx) =>
  new AuditRepository(dialect).list(tx, { accountIds: null, action: null, before: null, limit: PAGE, ...filter });
const each = (depths: readonly number[], question: (tables: Tables, tx: Tx, depth: number) => Promise<unknown>): Record<string, Question> =>
  Object.fromEntries(depths.map((depth) => [`at ${String(depth * 100)} %`, (tables, tx) => question(tables, tx, depth)]));
const named = (name: string, questions: Record<string, Question>) => Object.entries(questions).map(([more, question]): [string, Question] => [`${name}, ${more}`, question]);

const QUESTIONS: Readonly<Record<string, Question>> = Object.fromEntries<Question>([
  ['which lanes have work, when there is none', ({ dialect }, tx) => new InboxLaneRepository(dialect).listLanesWithWork(tx, timeOf(ROWS))],
  ['what an account has to be cleared of', ({ dialect }, tx) => new RetentionRepository(dialect).deleteSettledEvents(tx, NEWER, timeOf(-1), PIECE)],
  ['a page of events', ({ dialect }, tx) => new EventLogRepository(dialect).list(tx, LARGE, undefined, undefined, PAGE)],
  ...named('a page of events', each(DEPTHS, ({ dialect, rows }, tx, depth) => new EventLogRepository(dialect).list(tx, LARGE, undefined, rows * depth, PAGE))),
  ['a page of conversations', ({ dialect }, tx) => new ConversationRepository(dialect).list(tx, LARGE, null, PAGE)],
  ...named('a page of conversations', each(DEPTHS, ({ dialect, rows }, tx, depth) =>
    new ConversationRepository(dialect).list(tx, LARGE, { at: timeOf(rows * depth), id: LARGE }, PAGE))),
  ['a page of the trail', audit({})],
  ['a page of the trail of an account', audit({ accountIds: [LARGE] })],
  ['a page of the trail of an account and an action', audit({ accountIds: [LARGE], action: 'rule.create' })],
  ['a page of the trail of an action', audit({ action: 'rule.create' })],
  ['a page of the trail of several, one of which is quiet', audit({ accountIds: [LARGE, ...OTHERS.slice(0, 20)] })],
  ['a page of the trail of several and an action', audit({ accountIds: [LARGE, ...OTHERS.slice(0, 20)], action: 'rule.create' })],
  ...named('a page of the trail of several', each(DEPTHS, (tables, tx, depth) => audit({ accountIds: [NEWER, LARGE], before: tables.rows * depth })(tables, tx))),
  ...named('a page of the trail of an account', each(DEPTHS, (tables, tx, depth) => audit({ accountIds: [LARGE], before: tables.rows * depth })(tables, tx))),
  ...named('a page of the trail of an action', each(DEPTHS, (tables, tx, depth) => audit({ action: 'rule.create', before: tables.rows * depth })(tables, tx))),
  ['what is forgotten of changes whose message never came', ({ dialect }, tx) => new RetentionRepository(dialect).deleteEarlyChanges(tx, LARGE, timeOf(ROWS), PIECE)],
  ...[100, 400].map((count): [string, Question] => [
    `${String(count)} changes whose message has come`, ({ dialect }, tx) => new EarlyChangeRepository(dialect).deleteMany(tx, Array.from({ length: count }, (_, index) => earlyChange(index * 7))),
  ]),
  ['what is on its way, of 300 accounts', ({ dialect }, tx) => new QueueDepthRepository(dialect).findUnsettled(tx)],
  ['what a new send may pass, in 150 conversations of as many accounts', ({ dialect }, tx) =>
    new DueSendRepository(dialect).letPass(tx, OTHERS.slice(0, 150).map((accountId, index) => ({ accountId, conversationId: `${accountId}:${String(index)}` })), timeOf(ROWS))],
]);

function earlyChange(index: number): EarlyChange {
  return { accountId: LARGE, externalKey: `message-${String(index)}`, dedupeKey: `event-${String(index)}`, change: { kind: 'read', at: timeOf(index) } };
}

class Tables {
  readonly transactions: TransactionRunner;
  readonly filled = new WideTables(this.dataSource, this.dialect, this.rows);

  private constructor(
    readonly dataSource: DataSource,
    readonly dialect: Dialect,
    readonly rows: number,
  ) {
    this.transactions = dialect.isSqlite ? new SerialTransactionRunner(dataSource, dialect) : new PooledTransactionRunner(dataSource, dialect);
  }

  static async open(settings: AppSettings, rows: number): Promise<Tables> {
    const { dataSource, kind } = await openDataSource(settings, SCHEMA);
    await migrate(dataSource, kind);
    const tables = new Tables(dataSource, new Dialect(kind), rows);
    await tables.filled.fill();
    return tables;
  }

  async ask(question: Question): Promise<number> {
    return await rowsRead(this, (tx) => question(this, tx));
  }
}

/** Tables with thousands of rows of one account: what is asked for a little of them must not read through them, whatever counts a server keeps. */
eachDatabase((database) => {
  let tables: Tables;
  let small: Tables | undefined;

  beforeAll(async () => {
    const settings = database.settings();
    tables = await Tables.open(settings, ROWS);
    if (tables.dialect.isSqlite) small = await Tables.open(database.settings({ DATA_DIR: join(settings.dataDir, 'small') }), ROWS * SMALL_PART);
  }, 300_000);

  afterAll(async () => {
    await tables.dataSource.destroy();
    await small?.dataSource.destroy();
  });

  it.each(Object.entries(QUESTIONS))('does not read through a table to tell %s', async (_, question) => {
    const little = small;
    await expectFlat(() => tables.ask(question), little && (() => little.ask(question)));
  });

  it('does not sort what waits in the inbox to tell since when the first of it waits', async () => {
    // It is counted as well: read, and on the servers put together and read again.
    await tables.filled.fillBacklog(ROWS, LANE);
    const read = await tables.ask(({ dialect }, tx) => new QueueDepthRepository(dialect).findInbox(tx));
    expect(read).toBeLessThan(2 * ROWS + MOST_ROWS_READ);
  });
});
