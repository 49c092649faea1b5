import { isCoolingDown, readFacts, type CompiledRules, type Facts, type Firing } from '../../../rules/index.js';
import type { ConversationRow, MessageDetails } from '../../../conversations/index.js';
import type { NewOutboxMessage } from '../../outbox/outbox-message.js';
import type { BatchChanges } from '../batch-changes.js';
import type { Decision } from '../inbox-event.js';
import { answerBefore, whyNoAnswer, type AnswerCase } from '../policies/answer.policy.js';
import { turnTaken } from '../policies/loop-guard.policy.js';
import type { Arrival } from './arrival.js';
import { messageQueued, placeIn } from './new-message.js';
import { answerOf, type Answer } from './rule-answer.js';

const STANDBY = 'another app has this conversation (standby)';

/** Asks the rules, and queues what they say. */
export class Answering {
  readonly sends: NewOutboxMessage[] = [];
  readonly firings: Firing[] = [];
  private readonly fired = new Map<string, Map<number, Date>>();

  constructor(
    private readonly rules: ReadonlyMap<string, CompiledRules>,
    /** Conversation → rule → when it last fired. */
    private readonly firedBefore: ReadonlyMap<string, ReadonlyMap<number, Date>>,
    private readonly changes: BatchChanges,
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
    if (forbidden !== null) return { shown: { rules: [] }, texts: [], ruleId: null, cooldownSeconds: 0, stopped: forbidden };
    const fired = this.firedIn(asked.conversation.id);
    return answerOf(this.factsOf(arrival, asked.conversation), {
      rules: this.rules.get(accountId),
      isCoolingDown: (ruleId, seconds) => isCoolingDown(fired.get(ruleId), seconds, this.now),
      oneMessage: asked.kind === 'comment',
    });
  }

  /** What forbids an automatic answer, in plain words; null when nothing does. */
  whyNot({ read }: Arrival, asked: AnswerCase): string | null {
    return read.standby ? STANDBY : whyNoAnswer(asked);
  }

  caseOf(kind: AnswerCase['kind'], { read, settings }: Arrival, conversation: ConversationRow): AnswerCase {
    return { kind, settings, conversation, occurredAt: read.event.occurredAt, now: this.now };
  }

  /** What rules may look at; or why nothing can answer the event. */
  factsOf({ read, settings }: Arrival, { participantUsername, participantName }: ConversationRow): Facts | string {
    const account = { id: read.event.accountId, username: settings.username };
    return readFacts(read.payload, { username: participantUsername, name: participantName, account });
  }

  /** Queues a rule's answer. `recipient` as Graph wants it. */
  send(asked: AnswerCase, answer: Answer, recipient: object, details?: MessageDetails): Decision {
    const { id: conversationId, accountId } = asked.conversation;
    const { ruleId, cooldownSeconds } = answer;
    if (ruleId !== null && cooldownSeconds > 0) {
      this.firedIn(conversationId).set(ruleId, this.now);
      this.firings.push({ accountId, conversationId, ruleId, firedAt: this.now });
    }
    return { ...answer.shown, queued: this.queue(asked, answer.texts, recipient, { ruleId, ...(details ? { details } : {}) }), stopped: null };
  }

  /** One turn of the service, in as many messages as it takes; gives their ids. */
  queue(asked: AnswerCase, texts: readonly string[], recipient: object, by: { ruleId: number | null; details?: MessageDetails }): string[] {
    const { conversation } = asked;
    this.changes.patch(conversation, turnTaken(conversation, this.now));
    return texts.map((text) => {
      const queued = messageQueued(placeIn(conversation, this.now), text, by.ruleId, by.details ?? null);
      const message = this.changes.add(conversation, queued);
      this.sends.push({
        accountId: conversation.accountId, conversationId: conversation.id, messageId: message.id, source: 'rule',
        sendBefore: answerBefore(asked), request: { recipient, message: { text } },
      });
      return message.id;
    });
  }

  private firedIn(conversationId: string): Map<number, Date> {
    const fired = this.fired.get(conversationId) ?? new Map(this.firedBefore.get(conversationId));
    this.fired.set(conversationId, fired);
    return fired;
  }
}

export function unanswered({ shown, stopped }: Answer): Decision {
  return { ...shown, queued: [], stopped };
}
