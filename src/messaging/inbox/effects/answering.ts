import { isCoolingDown, readFacts, type CompiledRules, type Facts, type Firing } from '../../../rules/index.js';
import { UNLISTED, type ConversationRow, type MessageDetails } from '../../../conversations/index.js';
import { graphRequest, type Envelope } from '../../outbox/content/graph-request.js';
import { messageFields } from '../../outbox/content/message-fields.js';
import type { OutgoingContent } from '../../outbox/content/outgoing-content.js';
import type { NewOutboxMessage } from '../../outbox/outbox-message.js';
import type { BatchChanges } from '../batch-changes.js';
import type { Decision } from '../inbox-event.js';
import type { RuleTime } from '../rule-time.js';
import { answerBefore, whyNoAnswer, type AnswerCase } from '../policies/answer.policy.js';
import { turnTaken } from '../policies/loop-guard.policy.js';
import type { Arrival } from './arrival.js';
import { messageQueued, placeIn } from './new-message.js';
import { answerOf, silent, type Answer } from './rule-answer.js';

const STANDBY = 'another app has this conversation (standby)';
const TYPING_SLACK_MS = 5_000;

/** Asks the rules, and queues what they say. */
export class Answering {
  readonly sends: NewOutboxMessage[] = [];
  readonly firings: Firing[] = [];
  private readonly fired = new Map<string, Map<number, Date>>();

  constructor(
    private readonly rules: ReadonlyMap<string, CompiledRules>,
    /** Conversation → rule → when it last fired. */
    private readonly firedBefore: ReadonlyMap<string, ReadonlyMap<number, Date>>,
    /** `lastByPerson` of the batch. */
    private readonly byPerson: ReadonlyMap<string, Date>,
    private readonly changes: BatchChanges,
    private readonly ruleTime: RuleTime,
    private readonly now: Date,
  ) {}

  /** Answers in the conversation, if a rule does and nothing forbids it. */
  answer(arrival: Arrival, conversation: ConversationRow): Decision {
    const asked = this.caseOf('rule', arrival, conversation);
    const answer = this.ask(arrival, asked);
    return answer.stopped === null ? this.send(asked, answer, { id: conversation.participantId }) : unanswered(answer);
  }

  ask(arrival: Arrival, asked: AnswerCase): Answer {
    const { accountId } = arrival.read.event;
    const forbidden = this.whyNot(arrival, asked);
    if (forbidden !== null) return silent(forbidden);
    const fired = this.firedIn(asked.conversation.id);
    return this.ruleTime.measure(accountId, () => answerOf(this.factsOf(arrival, asked.conversation), {
      rules: this.rules.get(accountId),
      isCoolingDown: (ruleId, seconds) => isCoolingDown(fired.get(ruleId), seconds, this.now),
      oneMessage: asked.kind === 'comment',
    }));
  }

  /** What forbids an automatic answer, in plain words; null when nothing does. */
  whyNot({ read }: Arrival, asked: AnswerCase): string | null {
    return read.standby ? STANDBY : whyNoAnswer(asked);
  }

  caseOf(kind: AnswerCase['kind'], { read, settings }: Arrival, conversation: ConversationRow): AnswerCase {
    const { occurredAt, receivedAt, earlier } = read.event;
    const personWroteAt = this.byPerson.get(conversation.id) ?? null;
    return { kind, settings, conversation, occurredAt, receivedAt, isReplay: earlier !== null, now: this.now, personWroteAt };
  }

  /** What rules may look at; or why nothing can answer the event. */
  factsOf({ read, settings }: Arrival, { participantUsername, participantName }: ConversationRow): Facts | string {
    const account = { id: read.event.accountId, username: settings.username };
    return readFacts(read.payload, { username: participantUsername, name: participantName, account });
  }

  /** Queues a rule's answer. */
  send(asked: AnswerCase, answer: Answer, recipient: Envelope['recipient'], details?: MessageDetails): Decision {
    const { id: conversationId, accountId } = asked.conversation;
    const { ruleId, cooldownSeconds } = answer;
    if (ruleId !== null && cooldownSeconds > 0) {
      this.firedIn(conversationId).set(ruleId, this.now);
      this.firings.push({ accountId, conversationId, ruleId, firedAt: this.now });
    }
    const { contents, typingSeconds } = answer;
    const queued = this.queue(asked, contents, recipient, { ruleId, typingSeconds, ...(details ? { details } : {}) });
    return { ...answer.shown, queued, stopped: null };
  }

  /** One turn of the service, in as many messages as it takes; gives their ids, but for a typing sign's. */
  queue(asked: AnswerCase, contents: readonly OutgoingContent[], recipient: Envelope['recipient'], by: QueuedBy): string[] {
    const { conversation } = asked;
    this.changes.patch(conversation, turnTaken(conversation, this.now));
    const sendBefore = answerBefore(asked);
    return contents.flatMap((content) => {
      const { listed, kind, text, attachments, details: own } = messageFields(content);
      const details = by.details ? { ...own, ...by.details } : own;
      const place = placeIn(conversation, this.now, listed ? undefined : UNLISTED);
      const message = this.changes.add(conversation, messageQueued(place, { kind, text, attachments, details }, by.ruleId));
      const { until, delayMs } = timesOf(content, by.typingSeconds ?? 0, sendBefore, this.now);
      this.sends.push({
        accountId: conversation.accountId, conversationId: conversation.id, messageId: message.id, source: 'rule',
        sendBefore: until, delayMs, request: graphRequest(content, { recipient }),
      });
      return listed ? [message.id] : [];
    });
  }

  private firedIn(conversationId: string): Map<number, Date> {
    const fired = this.fired.get(conversationId) ?? new Map(this.firedBefore.get(conversationId));
    this.fired.set(conversationId, fired);
    return fired;
  }
}

interface QueuedBy {
  readonly ruleId: number | null;
  readonly typingSeconds?: number;
  readonly details?: MessageDetails;
}

/** A typing sign is good for as long as it is to be seen; what comes after it waits, if there is time for that. */
function timesOf(content: OutgoingContent, typingSeconds: number, sendBefore: Date, now: Date): { until: Date; delayMs: number } {
  const waitMs = typingSeconds * 1000;
  if (content.is === 'typing_on') return { until: new Date(Math.min(sendBefore.getTime(), now.getTime() + waitMs + TYPING_SLACK_MS)), delayMs: 0 };
  return { until: sendBefore, delayMs: now.getTime() + waitMs + TYPING_SLACK_MS < sendBefore.getTime() ? waitMs : 0 };
}

export function unanswered({ shown, stopped }: Answer): Decision {
  return { ...shown, queued: [], stopped };
}
