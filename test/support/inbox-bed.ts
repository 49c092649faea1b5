import { AccountRepository, LockedAccounts } from '../../src/accounts/index.js';
import { AuditTrail } from '../../src/audit/index.js';
import { AuditRepository } from '../../src/audit/audit.repository.js';
import { Clock } from '../../src/common/clock.js';
import { SYSTEM_CONTEXT } from '../../src/common/request-context.js';
import { NoTelemetry } from '../../src/common/telemetry.js';
import {
  ConversationRepository, ConversationsService, EarlyChangeRepository, EarlyChanges, MessageRepository, Takeovers, type ConversationRow,
  type MessageRow,
} from '../../src/conversations/index.js';
import { sha256 } from '../../src/crypto/index.js';
import { CooldownRepository, RuleRepository, RuleSets } from '../../src/rules/index.js';
import { EventApplier } from '../../src/messaging/inbox/event-applier.js';
import { EventStorer } from '../../src/messaging/inbox/event-storer.js';
import { InboxEventRepository } from '../../src/messaging/inbox/inbox-event.repository.js';
import { InboxLaneRepository } from '../../src/messaging/inbox/inbox-lane.repository.js';
import { InboxWriter } from '../../src/messaging/inbox/inbox.writer.js';
import { ProcessEventsUseCase } from '../../src/messaging/inbox/process-events.usecase.js';
import { parseDelivery } from '../../src/messaging/inbox/parsing/webhook-payload.parser.js';
import { LANES } from '../../src/messaging/lanes.js';
import type { Departures } from '../../src/messaging/outbox/departures.js';
import { AttemptedSendRepository } from '../../src/messaging/outbox/attempted-send.repository.js';
import { DueSendRepository } from '../../src/messaging/outbox/due-send.repository.js';
import { EchoMatcher } from '../../src/messaging/outbox/echo-matcher.js';
import { FailedSendRepository } from '../../src/messaging/outbox/failed-send.repository.js';
import { InstanceId } from '../../src/messaging/instances/instance-id.js';
import { NewSends } from '../../src/messaging/outbox/new-sends.js';
import { OutboxHints } from '../../src/messaging/outbox/outbox-hints.js';
import { OutboxRepository } from '../../src/messaging/outbox/outbox.repository.js';
import { PrivateReplyRepository } from '../../src/messaging/outbox/private-reply.repository.js';
import { OutcomeWriter } from '../../src/messaging/outbox/outcome.writer.js';
import { Doorbell, type Reach, type Topic } from '../../src/queue/index.js';
import { insertAccount } from './account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from './database.js';

export const ACCOUNT = '17841400000000001';
export const OTHER_ACCOUNT = '17841400000000002';
export const CUSTOMER = '1234567890123456';

export class TestClock extends Clock {
  constructor(private at: number) {
    super();
  }

  override now(): Date {
    return new Date(this.at);
  }

  forward(ms: number): void {
    this.at += ms;
  }
}

/** Remembers who rang; nobody comes. */
class SilentDoorbell extends Doorbell {
  readonly rung = new Set<string>();

  override ring(topic: Topic, lane: number): void {
    this.rung.add(`${topic} ${String(lane)}`);
  }

  override ringHere(topic: Topic, lane: number): void {
    this.ring(topic, lane);
  }

  override get reach(): Reach {
    return 'process';
  }

  override answer(): void {
    // nobody comes
  }

  override start(): void {
    // nobody comes
  }

  override async stop(): Promise<void> {
    // nothing was begun
  }
}

/** One item of `messaging`, from the customer unless said otherwise. */
export const item = (content: object, over: object = {}) => ({
  sender: { id: CUSTOMER }, recipient: { id: ACCOUNT }, timestamp: START, ...content, ...over,
});
export const text = (mid: string, words: string, over: object = {}) => item({ message: { mid, text: words } }, over);
export const START = Date.parse('2026-11-01T12:00:00.000Z');

const NOBODY_SENDS: Departures = {
  notCrowded: async () => undefined,
  book: () => null,
  following: () => 0,
  behind: () => null,
  isUncalled: () => false,
  cancel: () => undefined,
  depart: () => undefined,
};

/** The inbox from the parser to the outbox on a real SQLite file, driven step by step. */
export class InboxBed {
  readonly clock = new TestClock(START);
  readonly doorbell = new SilentDoorbell();
  readonly events: InboxEventRepository;
  readonly writer: InboxWriter;
  readonly processEvents: ProcessEventsUseCase;
  readonly outcomes: OutcomeWriter;
  readonly accounts: AccountRepository;
  readonly locked: LockedAccounts;
  private readonly messageRows: MessageRepository;
  private readonly conversationRows: ConversationRepository;

  private constructor(readonly db: TestDatabaseHandle) {
    const { dialect, transactions } = db;
    const telemetry = new NoTelemetry();
    const accounts = (this.accounts = new AccountRepository(dialect));
    const locked = (this.locked = new LockedAccounts(transactions, accounts));
    const messages = new MessageRepository(dialect);
    const conversations = new ConversationRepository(dialect);
    this.messageRows = messages;
    this.conversationRows = conversations;
    const early = new EarlyChangeRepository(dialect);
    const earlyChanges = new EarlyChanges(early, messages);
    const due = new DueSendRepository(dialect);
    const me = new InstanceId();
    const outbox = new OutboxRepository(dialect, this.clock, this.doorbell, new OutboxHints(), due, me);
    const newSends = new NewSends(outbox, due, NOBODY_SENDS, this.clock);
    const failures = new FailedSendRepository(dialect, this.clock);
    this.outcomes = new OutcomeWriter(outbox, failures, messages, conversations, earlyChanges, new NoTelemetry());
    this.events = new InboxEventRepository(dialect);
    this.writer = new InboxWriter(new EventStorer(transactions, this.events, dialect, this.doorbell, telemetry), dialect, locked);
    const applier = new EventApplier(
      accounts, conversations, messages, early, earlyChanges, new RuleSets(new RuleRepository(dialect)),
      new CooldownRepository(dialect), newSends, new EchoMatcher(new AttemptedSendRepository(dialect, due, me), failures, messages, this.outcomes, NOBODY_SENDS),
      new PrivateReplyRepository(dialect), this.events,
    );
    this.processEvents = new ProcessEventsUseCase(
      transactions, new InboxLaneRepository(dialect), this.events, applier, this.clock, dialect, telemetry, locked,
    );
  }

  static async open(): Promise<InboxBed> {
    const bed = new InboxBed(await openTestDatabase([]));
    for (const id of [ACCOUNT, OTHER_ACCOUNT]) await insertAccount(bed.db.dataSource, id);
    return bed;
  }

  async addRule(over: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const row = {
      account_id: ACCOUNT, name: 'a rule', enabled: 1, priority: 100, trigger_type: 'any', trigger_value: null,
      response_template: 'Hello!', cooldown_seconds: 0, created_at: '2026-01-01 00:00:00.000', updated_at: '2026-01-01 00:00:00.000', ...over,
    };
    const columns = Object.keys(row);
    await this.query(
      `INSERT INTO response_rules (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, Object.values(row),
    );
    await this.query(
      'INSERT INTO rule_sets (account_id, version) VALUES (?, 1) ON CONFLICT (account_id) DO UPDATE SET version = version + 1',
      [row.account_id],
    );
  }

  /** Stores items as one delivery to `accountId`, as if they had been signed well. */
  async deliver(items: readonly unknown[], accountId = ACCOUNT): Promise<void> {
    await this.deliverEntry({ messaging: items }, accountId);
  }

  /** The same with an entry of any form. */
  async deliverEntry(content: object, accountId = ACCOUNT): Promise<void> {
    const now = this.clock.now();
    const body = JSON.stringify({ object: 'instagram', entry: [{ id: accountId, time: now.getTime(), ...content }] });
    const events = parseDelivery(body, now).flatMap((entry) => entry.events);
    await this.writer.store({ events: events.map((event) => ({ ...event, accountId, receivedAt: now })), unrouted: [] });
  }

  /** Works on every lane until nothing is due. */
  async process(): Promise<void> {
    for (let lane = 0; lane < LANES; lane++) while ((await this.processEvents.execute(lane)) === 'more');
  }

  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return await this.db.dataSource.query<Row[]>(sql, parameters);
  }

  /** Applies every settled event once more. */
  async replayAll(): Promise<void> {
    await this.query(`UPDATE webhook_events SET status = 'pending', pending_lane = 0 WHERE pending_lane IS NULL`);
    await this.process();
  }

  async set(settings: Readonly<Record<string, unknown>>, accountId = ACCOUNT): Promise<void> {
    const assignments = Object.keys(settings).map((column) => `${column} = ?`);
    await this.query(`UPDATE instagram_business_accounts SET ${assignments.join(', ')} WHERE id = ?`, [...Object.values(settings), accountId]);
  }

  /** The message as a repository gives it. */
  async message(mid: string, accountId = ACCOUNT): Promise<MessageRow | undefined> {
    const key = { accountId, externalKey: sha256(mid) };
    return (await this.db.transactions.read((tx) => this.messageRows.findExistingExternal(tx, [key])))[0];
  }

  async conversation(participantId = CUSTOMER, accountId = ACCOUNT): Promise<ConversationRow | null> {
    return await this.db.transactions.read((tx) => this.conversationRows.find(tx, accountId, `${accountId}:${participantId}`));
  }

  /** A PATCH of the conversation. */
  async operatorSays(automation: { readonly paused: boolean; readonly pausedUntil?: string }, participantId = CUSTOMER): Promise<void> {
    const audit = new AuditTrail(new AuditRepository(this.db.dialect), this.clock);
    const service = new ConversationsService(
      this.db.transactions, this.conversationRows, this.messageRows, new Takeovers(this.messageRows), audit, this.clock,
    );
    await service.setAutomation(SYSTEM_CONTEXT, ACCOUNT, `${ACCOUNT}:${participantId}`, automation);
  }

  /** What stands in the outbox, as Graph would be called. */
  async sends() {
    const rows = await this.query<{ request: string; message_id: string; send_before: string }>('SELECT * FROM outbox_messages ORDER BY id');
    return rows.map((row) => ({ ...row, request: JSON.parse(row.request) as { recipient: object; message: { text: string } } }));
  }

  messages() {
    return this.query<{ direction: string; text: string; status: string; external_id: string | null; position: number; kind: string }>(
      'SELECT direction, kind, text, status, external_id, position FROM messages ORDER BY conversation_id, position',
    );
  }

  async decisions() {
    const rows = await this.query<{ status: string; decision: string | null; attempts: number }>(
      'SELECT status, decision, attempts FROM webhook_events ORDER BY id',
    );
    return rows.map((row) => ({
      status: row.status, attempts: row.attempts,
      ...(JSON.parse(row.decision ?? '{}') as { stopped?: string | null; queued?: string[]; rules?: unknown[] }),
    }));
  }
}
