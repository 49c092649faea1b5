import type { ProcessingSettings } from '../../accounts/index.js';
import type { CompiledRules } from '../../rules/index.js';
import type { EchoMatches } from '../outbox/echo-matcher.js';
import { BatchChanges, type StoredState } from './batch-changes.js';
import { Answering } from './effects/answering.js';
import { takeComment } from './effects/comment.js';
import type { Arrival, Outcome } from './effects/arrival.js';
import type { Desk } from './effects/desk.js';
import { takeEcho } from './effects/echo.js';
import { takeChange } from './effects/message-change.js';
import { takeMessage } from './effects/message.js';
import { takeReferral } from './effects/referral.js';
import { NO_ANSWER, type SettledEvent } from './inbox-event.js';
import type { Subject } from './parsing/read-payload.js';
import type { ReadEvent } from './read-event.js';
import { RuleTime } from './rule-time.js';

export interface BatchState extends StoredState {
  readonly settings: ReadonlyMap<string, ProcessingSettings>;
  readonly rules: ReadonlyMap<string, CompiledRules>;
  /** Conversation → rule → when it last fired. */
  readonly fired: ReadonlyMap<string, ReadonlyMap<number, Date>>;
  /** `lastByPerson` of the batch. */
  readonly byPerson: ReadonlyMap<string, Date>;
  /** Which echoes are of messages we know. */
  readonly confirmed: Pick<EchoMatches, 'find'>;
}

/** Works out what a set of events does, one after the other, without touching the database. */
export class EventBatch {
  readonly settled: SettledEvent[] = [];
  readonly changes: BatchChanges;
  readonly answering: Answering;
  readonly ruleTime = new RuleTime();
  private readonly desk: Desk;

  constructor(
    private readonly state: BatchState,
    now: Date,
  ) {
    this.changes = new BatchChanges(state, now);
    this.answering = new Answering(state.rules, state.fired, state.byPerson, this.changes, this.ruleTime, now);
    this.desk = { changes: this.changes, answering: this.answering, now };
  }

  apply(read: ReadEvent): void {
    const { event, subject } = read;
    const settings = this.state.settings.get(event.accountId);
    if (!settings) {
      this.ignore(read, 'the account is being deleted');
      return;
    }
    const arrival = { read, settings };
    const ignoredBecause = this.whyIgnored(arrival);
    if (ignoredBecause !== null) {
      this.ignore(read, ignoredBecause);
      return;
    }
    const outcome = this.take(arrival, subject);
    const decision = !('again' in outcome) ? outcome : event.earlier === null ? NO_ANSWER(outcome.again) : null;
    this.settled.push({ event, status: 'processed', decision });
  }

  private take(arrival: Arrival, subject: Subject): Outcome {
    switch (subject.is) {
      case 'message': {
        if (subject.inbound) return takeMessage(arrival, subject, this.desk);
        const { mid } = subject.content;
        const confirmed = mid === null ? undefined : this.state.confirmed.find(arrival.read.event.accountId, mid);
        return takeEcho(arrival, subject, confirmed, this.desk);
      }
      case 'change':
        return takeChange(arrival, subject, this.desk);
      case 'referral':
        return takeReferral(arrival, this.desk);
      case 'comment':
        return takeComment(arrival, subject, this.desk);
      case 'ignored':
        return NO_ANSWER(subject.why);
    }
  }

  private whyIgnored(arrival: Arrival): string | null {
    const { subject } = arrival.read;
    if (subject.is === 'ignored') return subject.why;
    if (subject.is !== 'comment') return null;
    // A comment that names its author by username alone: only the account's settings tell that it is the account itself.
    const facts = this.answering.factsOf(arrival, this.changes.peek(arrival.read));
    return typeof facts === 'string' ? facts : null;
  }

  private ignore({ event }: ReadEvent, why: string): void {
    this.settled.push({ event, status: 'ignored', decision: NO_ANSWER(why) });
  }
}
