import { AccountEntity, AccountRepository, LockedAccounts, type Account, type AccountDirectory } from '../../src/accounts/index.js';
import { Clock } from '../../src/common/clock.js';
import { newId } from '../../src/common/new-id.js';
import { NoTelemetry } from '../../src/common/telemetry.js';
import { parseEnvironment } from '../../src/config/index.js';
import {
  ConversationEntity, ConversationRepository, EarlyChangeRepository, EarlyChanges, MessageEntity, MessageRepository, newConversation,
  type ConversationRow, type MessageRow,
} from '../../src/conversations/index.js';
import { sha256 } from '../../src/crypto/index.js';
import type { ConversationLookup, ConversationRecord, ExternalMessage, LookupResult } from '../../src/messaging/graph/conversation-lookup.js';
import { InstanceId } from '../../src/messaging/instances/instance-id.js';
import { laneOf } from '../../src/messaging/lanes.js';
import { AccountNewsWriter } from '../../src/messaging/outbox/account-news.writer.js';
import { AccountPauses } from '../../src/messaging/outbox/account-pauses.js';
import { AppPauses } from '../../src/messaging/outbox/app-pauses.js';
import { AttemptedSendRepository } from '../../src/messaging/outbox/attempted-send.repository.js';
import { AttemptSend } from '../../src/messaging/outbox/attempt-send.js';
import { ClaimSends } from '../../src/messaging/outbox/claim-sends.js';
import { ClaimSet } from '../../src/messaging/outbox/claim-set.js';
import { ConversationStops } from '../../src/messaging/outbox/conversation-stops.js';
import { DeliverMessagesUseCase } from '../../src/messaging/outbox/deliver-messages.usecase.js';
import { DueSendRepository } from '../../src/messaging/outbox/due-send.repository.js';
import { EchoMatcher, type Echo } from '../../src/messaging/outbox/echo-matcher.js';
import { FailedSendRepository } from '../../src/messaging/outbox/failed-send.repository.js';
import { LateAnswers } from '../../src/messaging/outbox/late-answers.js';
import { LookUpAttempt } from '../../src/messaging/outbox/look-up-attempt.js';
import { MarkLostSends } from '../../src/messaging/outbox/mark-lost-sends.js';
import { NewSends } from '../../src/messaging/outbox/new-sends.js';
import { OutboxHints } from '../../src/messaging/outbox/outbox-hints.js';
import { OutboxLaneEntity } from '../../src/messaging/outbox/outbox-lane.entity.js';
import { OutboxMessageEntity } from '../../src/messaging/outbox/outbox-message.entity.js';
import type { ClaimedMessage, OutboxSource } from '../../src/messaging/outbox/outbox-message.js';
import { OutboxRepository } from '../../src/messaging/outbox/outbox.repository.js';
import { OutcomeRecorder } from '../../src/messaging/outbox/outcome.recorder.js';
import { OutcomeWriter } from '../../src/messaging/outbox/outcome.writer.js';
import { ReopenedWindows } from '../../src/messaging/outbox/reopened-windows.js';
import { SettleUncertainUseCase } from '../../src/messaging/outbox/settle-uncertain.usecase.js';
import { WithdrawnReplies } from '../../src/messaging/outbox/withdrawn-replies.js';
import { InProcessPace } from '../../src/messaging/pace/in-process.pace.js';
import { paceLimits } from '../../src/messaging/pace/pace-limits.js';
import { InProcessDoorbell } from '../../src/queue/index.js';
import { insertAccount } from './account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from './database.js';
import { FakeSender } from './fake-sender.js';

export const ACCOUNT = '17841400000000001';

export class MovedClock extends Clock {
  at = new Date('2026-11-24T10:00:00.000Z');

  override now(): Date {
    return this.at;
  }

  pass(seconds: number): void {
    this.at = new Date(this.at.getTime() + seconds * 1000);
  }
}

interface HowQueued {
  readonly sendBefore?: Date | null;
  readonly source?: OutboxSource;
}

/** The whole of the outbox on a real SQLite file, with the clock, Graph and the look-ups in the test's hands. */
export class OutboxBed {
  readonly clock = new MovedClock();
  readonly me = new InstanceId();
  readonly sender = new FakeSender();
  /** What a look-up answers; `external` alone where nothing else is of interest. */
  external: ExternalMessage[] = [];
  record: () => ConversationRecord | null = () => ({ messages: this.external, isComplete: true, clockAheadMs: 0 });
  readonly lookups: string[] = [];
  /** What stands beside `active` and `valid`. */
  account: Partial<Account> = {};

  readonly hints = new OutboxHints();
  readonly outbox: OutboxRepository;
  readonly due: DueSendRepository;
  readonly attempted: AttemptedSendRepository;
  readonly failures: FailedSendRepository;
  readonly messages: MessageRepository;
  readonly conversations: ConversationRepository;
  readonly early: EarlyChangeRepository;
  readonly accounts: AccountRepository;
  readonly writer: OutcomeWriter;
  readonly recorder: OutcomeRecorder;
  readonly claims: ClaimSends;
  readonly deliver: DeliverMessagesUseCase;
  readonly newSends: NewSends;
  readonly settle: SettleUncertainUseCase;
  /** As after a restart. */
  readonly newSettle: () => SettleUncertainUseCase;
  readonly lost: MarkLostSends;
  readonly echoes: EchoMatcher;

  private constructor(readonly database: TestDatabaseHandle) {
    const { transactions, dialect } = database;
    const { clock } = this;
    const { hints } = this;
    this.accounts = new AccountRepository(dialect);
    this.messages = new MessageRepository(dialect);
    this.conversations = new ConversationRepository(dialect);
    this.due = new DueSendRepository(dialect);
    this.failures = new FailedSendRepository(dialect, clock);
    this.outbox = new OutboxRepository(dialect, clock, new InProcessDoorbell(), hints, this.due, this.me);
    this.attempted = new AttemptedSendRepository(dialect, this.due, this.me);
    this.early = new EarlyChangeRepository(dialect);
    const earlyChanges = new EarlyChanges(this.early, this.messages);
    this.writer = new OutcomeWriter(this.outbox, this.failures, this.messages, this.conversations, earlyChanges, new NoTelemetry());
    const { outbox, attempted, messages, conversations, accounts, writer } = this;
    const directory = {
      find: async () => ({
        id: ACCOUNT, status: 'active', tokenStatus: 'valid', sendingPausedUntil: (await this.storedAccount())?.sendingPausedUntil ?? null,
        ...this.account,
      }),
      accessToken: async () => 'token',
      listOfSameApp: async () => [ACCOUNT],
      evict: () => undefined,
    } as unknown as AccountDirectory;
    const locked = new LockedAccounts(transactions, accounts);
    const stops = new ConversationStops(conversations, outbox, writer, clock);
    const news = new AccountNewsWriter(accounts, directory, clock, locked, new AppPauses(transactions, accounts, directory, clock, locked));
    const late = new LateAnswers(transactions, conversations, messages, earlyChanges, writer, clock);
    this.recorder = new OutcomeRecorder(transactions, dialect, attempted, writer, late, stops, news, clock, locked);
    const withdrawn = new WithdrawnReplies(outbox, this.due, conversations, messages);
    const windows = new ReopenedWindows(conversations, outbox);
    this.claims = new ClaimSends(new ClaimSet(transactions, outbox, this.due, withdrawn, windows, writer, messages, accounts, clock));
    const pauses = new AccountPauses(() => clock.now().getTime());
    const lookUp = new LookUpAttempt({ newestMessages: (_: string, person: string) => this.lookUp(person) } as unknown as ConversationLookup, directory, news, pauses, clock);
    const pace = new InProcessPace(paceLimits(parseEnvironment({}).limits));
    const attempts = new AttemptSend(directory, pace, pauses, this.sender, new NoTelemetry(), clock);
    this.deliver = new DeliverMessagesUseCase(transactions, outbox, this.claims, attempts, this.recorder, pauses, hints, clock);
    this.newSends = new NewSends(outbox, this.due, this.deliver, clock);
    this.newSettle = () => new SettleUncertainUseCase(transactions, attempted, messages, writer, lookUp, clock, dialect, locked);
    this.settle = this.newSettle();
    this.lost = new MarkLostSends(transactions, attempted, outbox, this.due, writer, clock);
    this.echoes = new EchoMatcher(attempted, this.failures, messages, writer, this.deliver);
  }

  static async open(): Promise<OutboxBed> {
    const entities = [AccountEntity, ConversationEntity, MessageEntity, OutboxMessageEntity, OutboxLaneEntity];
    const bed = new OutboxBed(await openTestDatabase(entities));
    await insertAccount(bed.database.dataSource, ACCOUNT);
    return bed;
  }

  async close(): Promise<void> {
    await this.deliver.stop();
    await this.database.close();
  }

  /** Queues texts for one person; gives the ids of their messages. */
  async queue(person: string, texts: readonly string[], more: HowQueued = {}): Promise<string[]> {
    const ids: string[] = [];
    for (const text of texts) ids.push(await this.queueRequest(person, { recipient: { id: person }, message: { text } }, more, text));
    return ids;
  }

  async queueRequest(person: string, request: object, { sendBefore = null, source = 'rule' }: HowQueued = {}, text: string | null = null): Promise<string> {
    return await this.database.transactions.run(async (tx) => {
      const id = `${ACCOUNT}:${person}`;
      const conversation = (await this.conversations.find(tx, ACCOUNT, id)) ?? newConversation(ACCOUNT, person, this.clock.now());
      const row = this.message(id, ++conversation.messageCount, { text });
      await this.conversations.upsertMany(tx, [conversation]);
      await this.messages.insertMany(tx, [row]);
      await this.outbox.insertMany(tx, [{ accountId: ACCOUNT, conversationId: id, messageId: row.id, source, sendBefore, request }]);
      return row.id;
    });
  }

  /** Puts a reply into the outbox claimed, as if it had been decided while another of its conversation was in hand, which is settled by now. */
  async claimLate(person: string, text: string): Promise<ClaimedMessage[]> {
    return await this.database.transactions.run(async (tx) => {
      const id = `${ACCOUNT}:${person}`;
      const conversation = newConversation(ACCOUNT, person, this.clock.now());
      const row = this.message(id, ++conversation.messageCount, { text, status: 'sending' });
      await this.conversations.upsertMany(tx, [conversation]);
      await this.messages.insertMany(tx, [row]);
      const request = { recipient: { id: person }, message: { text } };
      const send = { accountId: ACCOUNT, conversationId: id, messageId: row.id, source: 'rule' as const, sendBefore: null, request };
      return await this.outbox.insertMany(tx, [send], new Set([row.id]));
    });
  }

  /** Decides one reply to each of these people, as the inbox does it; gives the ids of their messages. */
  async decide(
    people: readonly string[],
    { sendsFreely = true, delayMs = 0, fails = false, text = (person: string) => `reply to ${person}` } = {},
  ): Promise<string[]> {
    const { transactions } = this.database;
    return await transactions.run(async (tx) => {
      const rows: MessageRow[] = [];
      for (const person of people) {
        const id = `${ACCOUNT}:${person}`;
        const conversation = (await this.conversations.find(tx, ACCOUNT, id)) ?? newConversation(ACCOUNT, person, this.clock.now());
        rows.push(this.message(id, ++conversation.messageCount, { text: text(person) }));
        await this.conversations.upsertMany(tx, [conversation]);
      }
      const sends = rows.map((row) => ({
        accountId: ACCOUNT, conversationId: row.conversationId, messageId: row.id, source: 'rule' as const, sendBefore: null, delayMs,
        request: { recipient: { id: row.conversationId.slice(ACCOUNT.length + 1) }, message: { text: row.text } },
      }));
      const claimed = await this.newSends.claim(tx, sends, () => sendsFreely);
      await this.messages.insertMany(tx, rows.map((row) => ({ ...row, status: claimed.has(row.id) ? 'sending' : 'queued' })));
      await this.newSends.insert(tx, sends, claimed);
      if (fails) throw new Error('the transaction comes to nothing');
      return rows.map((row) => row.id);
    });
  }

  async setConversation(person: string, more: Partial<ConversationRow>): Promise<void> {
    await this.database.transactions.run(async (tx) => {
      const row = await this.conversations.find(tx, ACCOUNT, `${ACCOUNT}:${person}`);
      if (row) await this.conversations.upsertMany(tx, [{ ...row, ...more }]);
    });
  }

  /** A message that is recorded already: the customer's, or what came as an echo that matched nothing. */
  async recordMessage(person: string, mid: string, more: Partial<MessageRow> = {}): Promise<string> {
    return await this.database.transactions.run(async (tx) => {
      const id = `${ACCOUNT}:${person}`;
      const conversation = (await this.conversations.find(tx, ACCOUNT, id)) ?? newConversation(ACCOUNT, person, this.clock.now());
      const row = this.message(id, ++conversation.messageCount, {
        direction: 'inbound', status: 'received', externalId: mid, externalKey: sha256(mid), ruleId: null, sentAt: this.clock.now(), ...more,
      });
      await this.conversations.upsertMany(tx, [conversation]);
      await this.messages.insertMany(tx, [row]);
      return row.id;
    });
  }

  message(conversationId: string, position: number, more: Partial<MessageRow>): MessageRow {
    return {
      accountId: ACCOUNT, id: newId(), conversationId, position, direction: 'outbound', kind: 'text', text: null, attachments: [],
      externalId: null, externalKey: null, ruleId: 1, status: 'queued', error: null, reactions: [], details: null, readAt: null,
      editedAt: null, deletedAt: null, sentAt: null, createdAt: this.clock.now(), ...more,
    };
  }

  async send(): Promise<void> {
    await this.deliver.execute(laneOf(ACCOUNT));
    await this.deliver.idle();
  }

  /** Newest first. */
  inConversation(person: string): Promise<MessageRow[]> {
    return this.database.transactions.read((tx) => this.messages.listByConversation(tx, ACCOUNT, `${ACCOUNT}:${person}`, null, 100));
  }

  conversation(person: string) {
    return this.database.transactions.read((tx) => this.conversations.find(tx, ACCOUNT, `${ACCOUNT}:${person}`));
  }

  waiting() {
    return this.database.transactions.read((tx) => this.outbox.listWaiting(tx));
  }

  storedAccount() {
    return this.database.transactions.read((tx) => this.accounts.find(tx, ACCOUNT));
  }

  echo(person: string, mid: string, text: string | null, at = this.clock.now()): Echo {
    return { accountId: ACCOUNT, conversationId: `${ACCOUNT}:${person}`, mid, text, attachments: [], at };
  }

  matchEchoes(echoes: readonly Echo[]) {
    return this.database.transactions.run((tx) => this.echoes.match(tx, echoes));
  }

  private async lookUp(participantId: string): Promise<LookupResult> {
    this.lookups.push(participantId);
    const record = this.record();
    const askedAt = this.clock.now();
    if (record) return { kind: 'found', record, askedAt };
    return { kind: 'unanswered', reason: 'HTTP 500', deadToken: false, retryAfterMs: null, pause: null, askedAt };
  }
}
