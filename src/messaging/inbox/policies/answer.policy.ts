import type { ProcessingSettings } from '../../../accounts/index.js';
import { automationAt, OPTED_OUT, type ConversationRow } from '../../../conversations/index.js';
import { whyLoopGuard } from './loop-guard.policy.js';

const MINUTE_MS = 60_000;
/** Meta lets a comment be answered for this long, and asks for no window. */
const PRIVATE_REPLY_MS = 7 * 24 * 60 * MINUTE_MS;
/** Instagram takes 750 an hour: after a post that many comment on, the last ones would be given up after an account's hour or so. */
const PRIVATE_REPLY_WAITS_MS = 24 * 60 * MINUTE_MS;

export interface AnswerCase {
  readonly settings: ProcessingSettings;
  readonly conversation: ConversationRow;
  /** When the customer wrote. */
  readonly occurredAt: Date;
  /** When Meta delivered it. */
  readonly receivedAt: Date;
  /** Somebody wants it answered now, whoever may have written to the customer meanwhile. */
  readonly isReplay: boolean;
  readonly now: Date;
  /** When a person last wrote in the conversation, where that is of the same batch and pauses nothing any more (`lastByPerson`). */
  readonly personWroteAt: Date | null;
  /**
   * `rule`: an answer by a rule. `comment`: one to a comment, which goes without a window. `consent`: the confirmation of an
   * opt-out or opt-in, which goes out in a paused conversation too.
   */
  readonly kind: 'rule' | 'comment' | 'consent';
}

/** What forbids an automatic answer, in plain words; null when nothing does. Pure. */
export function whyNoAnswer(asked: AnswerCase): string | null {
  const { settings, conversation, occurredAt, receivedAt, now, kind } = asked;
  if (settings.status !== 'active') return 'the account is inactive';
  if (settings.activeSince !== null && receivedAt <= settings.activeSince) {
    return 'it was received before the account was switched on';
  }
  const paused = kind === 'consent' ? null : (whyPaused(conversation, now) ?? whyPersonHasIt(asked));
  if (paused !== null) return paused;
  const age = now.getTime() - occurredAt.getTime();
  if (age > settings.replyMaxAgeMinutes * MINUTE_MS) {
    return `it is older than ${String(settings.replyMaxAgeMinutes)} minutes, the age up to which this account answers`;
  }
  if (kind === 'comment') {
    if (age >= PRIVATE_REPLY_MS) return 'the comment is older than the 7 days for which Meta lets it be answered';
  } else if (conversation.windowClosesAt === null || conversation.windowClosesAt <= now) {
    return 'the 24-hour window is closed';
  }
  return whyLoopGuard(conversation, settings.maxAutomaticTurns, now);
}

/** When it is too late to send an automatic answer that was queued in time. */
export function answerBefore({ settings, conversation, occurredAt, kind }: AnswerCase): Date {
  const mostAge = settings.replyMaxAgeMinutes * MINUTE_MS;
  const tooOld = occurredAt.getTime() + (kind === 'comment' ? Math.max(mostAge, PRIVATE_REPLY_WAITS_MS) : mostAge);
  const closes = kind === 'comment' ? occurredAt.getTime() + PRIVATE_REPLY_MS : conversation.windowClosesAt?.getTime();
  return new Date(Math.min(tooOld, closes ?? tooOld));
}

function whyPaused(conversation: ConversationRow, now: Date): string | null {
  const { paused, pausedUntil, reason } = automationAt(conversation, now);
  if (!paused) return null;
  if (reason === OPTED_OUT) return 'the customer has opted out of automatic answers';
  const until = pausedUntil ? ` until ${pausedUntil.toISOString()}` : '';
  return `automation is paused in this conversation${until}${reason === null ? '' : ` (${reason})`}`;
}

/** What came late is treated as if it had come in time: then rules would have kept quiet. */
function whyPersonHasIt({ conversation: { takeoverUntil }, personWroteAt, occurredAt, isReplay }: AnswerCase): string | null {
  if (isReplay) return null;
  if (personWroteAt !== null && personWroteAt >= occurredAt) return 'a person has written to the customer since';
  return takeoverUntil !== null && occurredAt < takeoverUntil ? 'a person had taken over when the customer wrote' : null;
}
