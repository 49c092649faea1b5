import type { ProcessingSettings } from '../../accounts/index.js';
import { newId } from '../../common/new-id.js';
import { newConversation, type ConversationRow, type MessageRow } from '../../conversations/index.js';
import { sha256 } from '../../crypto/index.js';
import { factsFromEvent, isCoolingDown, type CompiledRules, type Firing } from '../../rules/index.js';
import type { EchoMatches } from '../outbox/echo-matcher.js';
import type { NewOutboxMessage } from '../outbox/outbox-message.js';
import { answerBefore, whyNoAnswer, WINDOW_MS, type AnswerCase } from './answer.policy.js';
import { NO_ANSWER, type Decision, type DueEvent, type RuleTrace, type SettledEvent } from './inbox-event.js';
import { readContent, type EventContent } from './parsing/event-content.js';
import { parseJsonWithBigInts } from './parsing/json-with-big-ints.js';
import { readPayload } from './parsing/read-payload.js';
import { splitReply } from './reply-splitter.js';

/** As the database has it when the batch begins. */
export interface BatchState {
  readonly settings: ReadonlyMap<string, ProcessingSettings>;
  readonly rules: ReadonlyMap<string, CompiledRules>;
  readonly conversations: ReadonlyMap<string, ConversationRow>;
  /** Conversation → rule → when it last fired. */
  readonly fired: ReadonlyMap<string, ReadonlyMap<number, Date>>;
  /** Messages that stand already, by `recordKey`. */
  readonly recorded: ReadonlySet<string>;
  /** Which echoes are of messages we know. */
  readonly confirmed: Pick<EchoMatches, 'find'>;
}

/** An event with its content read, and the key under which its message is, or will be, recorded. */
export interface ReadEvent {
  readonly event: DueEvent;
  readonly content: EventContent;
  /** The payload, parsed. */
  readonly item: unknown;
  /** Of the mid; of the event where it has none, so that even then it is recorded once. */
  readonly externalKey: string;
  /** A replay also brings back what was ignored. */
  readonly ignoredBecause: string | null;
}

export function readEvent(event: DueEvent): ReadEvent {
  const item = parseJsonWithBigInts(event.payload);
  const content = readContent(item);
  const externalKey = content.mid === null ? event.dedupeKey : sha256(content.mid);
  const { subject } = readPayload(event.kind, item, event.accountId);
  return { event, content, item, externalKey, ignoredBecause: subject.is === 'ignored' ? subject.why : null };
}

export function recordKey(accountId: string, externalKey: string): string {
  return `${accountId} ${externalKey}`;
}

/** The column for the mid; its key holds the whole of a longer one. */
const LONGEST_MID = 1000;
/** With thousands of rules nobody reads more, and every event would keep it. */
const RULES_SHOWN = 50;

/** Works out what a set of events does, one after the other, without touching the database. */
export class EventBatch {
  readonly messages: MessageRow[] = [];
  readonly sends: NewOutboxMessage[] = [];
  readonly firings: Firing[] = [];
  readonly settled: SettledEvent[] = [];
  private readonly conversations = new Map<string, ConversationRow>();
  private readonly recorded: Set<string>;
  private readonly fired = new Map<string, Map<number, Date>>();

  constructor(
    private readonly state: BatchState,
    private readonly now: Date,
  ) {
    this.recorded = new Set(state.recorded);
  }

  get changedConversations(): ConversationRow[] {
    return [...this.conversations.values()];
  }

  apply(read: ReadEvent): void {
    const { event, content } = read;
    const settings = this.state.settings.get(event.accountId);
    if (!settings) {
      this.settle(event, NO_ANSWER('the account is being deleted'), 'ignored');
      return;
    }
    if (read.ignoredBecause !== null) {
      this.settle(event, NO_ANSWER(read.ignoredBecause), 'ignored');
      return;
    }
    const confirmed = event.kind === 'echo' && content.mid !== null ? this.state.confirmed.find(event.accountId, content.mid) : undefined;
    if (confirmed !== undefined) {
      this.settleAgain(event, `it confirms our message ${confirmed}`);
      return;
    }
    const key = recordKey(event.accountId, read.externalKey);
    if (this.recorded.has(key)) {
      // Redelivered after its event was removed, replayed, or the echo of a send whose mid we know: never twice.
      this.settleAgain(event, 'this message is recorded already');
      return;
    }
    this.recorded.add(key);
    const conversation = this.conversation(event);
    this.record(read, conversation);
    this.settle(event, event.kind === 'echo' ? NO_ANSWER('it was sent from elsewhere, not by this server') : this.answer(read, settings, conversation));
  }

  private answer({ event, item }: ReadEvent, settings: ProcessingSettings, conversation: ConversationRow): Decision {
    const { occurredAt } = event;
    const subject: AnswerCase = { settings, conversation, occurredAt, now: this.now };
    const forbidden = whyNoAnswer(subject);
    if (forbidden !== null) return NO_ANSWER(forbidden);
    const rules = this.state.rules.get(event.accountId);
    if (!rules || rules.size === 0) return NO_ANSWER('the account has no enabled rule');
    const facts = factsFromEvent(item, {
      username: conversation.participantUsername, name: conversation.participantName,
      account: { id: event.accountId, username: settings.username },
    });
    if (!facts) return NO_ANSWER('nothing of it may be answered');
    const fired = this.firedIn(conversation.id);
    const decision = rules.evaluate(facts, (ruleId, seconds) => isCoolingDown(fired.get(ruleId), seconds, this.now));
    const parts = decision.reply === null ? [] : splitReply(decision.reply);
    if (decision.ruleId === null || parts.length === 0) {
      return { ...shown(decision.trace), queued: [], stopped: decision.ruleId === null ? 'no rule answers it' : 'the reply is empty' };
    }
    const { ruleId } = decision;
    if (decision.cooldownSeconds > 0) {
      fired.set(ruleId, this.now);
      this.firings.push({ accountId: event.accountId, conversationId: conversation.id, ruleId, firedAt: this.now });
    }
    const queued = parts.map((text) => this.queue(conversation, ruleId, text, answerBefore(subject)));
    return { ...shown(decision.trace), queued, stopped: null };
  }

  private queue(conversation: ConversationRow, ruleId: number, text: string, sendBefore: Date): string {
    const message: MessageRow = {
      ...this.blank(conversation, 'outbound'), kind: 'text', text, attachments: [], externalId: null, externalKey: null, ruleId,
      status: 'queued', sentAt: null,
    };
    this.messages.push(message);
    this.sends.push({
      accountId: conversation.accountId, conversationId: conversation.id, messageId: message.id, source: 'rule', sendBefore,
      request: { recipient: { id: conversation.participantId }, message: { text } },
    });
    conversation.lastMessageAt = later(conversation.lastMessageAt, this.now);
    return message.id;
  }

  private record({ event, content, externalKey }: ReadEvent, conversation: ConversationRow): void {
    const inbound = event.kind !== 'echo';
    this.messages.push({
      ...this.blank(conversation, inbound ? 'inbound' : 'outbound'), kind: content.kind, text: content.text,
      attachments: content.attachments, externalId: content.mid?.slice(0, LONGEST_MID) ?? null, externalKey, ruleId: null,
      status: inbound ? 'received' : 'sent', details: content.details, sentAt: event.occurredAt,
    });
    conversation.lastMessageAt = later(conversation.lastMessageAt, event.occurredAt);
    // An echo never opens the window: only the customer does.
    if (!inbound) return;
    conversation.lastInboundAt = later(conversation.lastInboundAt, event.occurredAt);
    conversation.windowClosesAt = later(conversation.windowClosesAt, new Date(event.occurredAt.getTime() + WINDOW_MS));
  }

  private blank(conversation: ConversationRow, direction: MessageRow['direction']) {
    conversation.messageCount++;
    conversation.updatedAt = this.now;
    return {
      accountId: conversation.accountId, id: newId(), conversationId: conversation.id, position: conversation.messageCount,
      direction, error: null, reactions: [], details: null, readAt: null, editedAt: null, deletedAt: null, createdAt: this.now,
    };
  }

  /** A copy: the state must be as it was if the batch is worked out again. */
  private conversation({ accountId, conversationId }: DueEvent): ConversationRow {
    const known = this.conversations.get(conversationId);
    if (known) return known;
    const stored = this.state.conversations.get(conversationId);
    const participantId = conversationId.slice(accountId.length + 1);
    const conversation = stored ? { ...stored } : newConversation(accountId, participantId, this.now);
    this.conversations.set(conversationId, conversation);
    return conversation;
  }

  private firedIn(conversationId: string): Map<number, Date> {
    const fired = this.fired.get(conversationId) ?? new Map(this.state.fired.get(conversationId));
    this.fired.set(conversationId, fired);
    return fired;
  }

  /** Nothing to do: what was decided the first time, if this is a replay, stays. */
  private settleAgain(event: DueEvent, why: string): void {
    this.settled.push({ event, status: 'processed', decision: event.hasDecision ? null : NO_ANSWER(why) });
  }

  private settle(event: DueEvent, decision: Decision, status: SettledEvent['status'] = 'processed'): void {
    this.settled.push({ event, status, decision });
  }
}

function later(a: Date | null, b: Date): Date {
  return a === null || a < b ? b : a;
}

function shown(trace: readonly RuleTrace[]): Pick<Decision, 'rules' | 'rulesTried'> {
  const last = trace.at(-1);
  if (last === undefined || trace.length <= RULES_SHOWN) return { rules: trace };
  return { rules: [...trace.slice(0, RULES_SHOWN - 1), last], rulesTried: trace.length };
}
