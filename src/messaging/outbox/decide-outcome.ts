import type { MessageOutcome } from '../../conversations/index.js';
import type { SendOutcome } from '../message-sender.port.js';
import { backoffMs, LONGEST_PAUSE_MS, MOST_ATTEMPTS, nextLookupAt, THROTTLED_PAUSE_MS } from './delivery.policy.js';
import type { ClaimedMessage, NextStep } from './outbox-message.js';

/** What an attempt came to; `released`: it was not made after all. */
export type AttemptOutcome = SendOutcome | { readonly kind: 'released'; readonly afterMs: number };

export interface Decision {
  /** How the message stands now. */
  readonly message: Omit<MessageOutcome, 'externalKey'>;
  /** Null: settled, the outbox is done with it. */
  readonly next: NextStep | null;
}

/** After a token was refused: time for a new one, stored elsewhere, to be seen here. */
const DEAD_TOKEN_RETRY_MS = 1_500;

/** Pure: what follows from one attempt. */
export function decideOutcome(claimed: ClaimedMessage, outcome: AttemptOutcome, now: Date, random: number): Decision {
  switch (outcome.kind) {
    case 'sent':
      // Meta's own time comes with the echo; until then, when it said yes.
      return { message: { ...base(claimed), status: 'sent', externalId: outcome.messageId, sentAt: now }, next: null };
    case 'failed':
      return failed(claimed, outcome.reason);
    case 'retry': {
      const most = Math.min(MOST_ATTEMPTS, outcome.maxAttempts ?? MOST_ATTEMPTS);
      if (claimed.attempts >= most) return failed(claimed, `${outcome.reason}; tried ${String(claimed.attempts)} times`);
      return queued(claimed, outcome.retryAfterMs ?? backoffMs(claimed.attempts, random), now, outcome.reason, claimed.attempts);
    }
    case 'unknown':
      return {
        message: { ...base(claimed), status: 'uncertain', error: `It is being looked up whether it was delivered: ${outcome.reason}` },
        next: {
          ...step(claimed), status: 'uncertain', attempts: claimed.attempts,
          nextAttemptAt: nextLookupAt(now, claimed.attemptedAt, 0), error: outcome.reason,
        },
      };
    case 'dead_token':
      // Not this message's fault: it waits for a new token, and the attempt does not count.
      return queued(claimed, DEAD_TOKEN_RETRY_MS, now, outcome.reason, claimed.attempts - 1);
    case 'throttled':
      return queued(claimed, pauseMs(outcome.retryAfterMs), now, outcome.reason, claimed.attempts - 1);
    case 'released':
      return queued(claimed, outcome.afterMs, now, claimed.error, claimed.attempts - 1);
  }
}

export function pauseMs(retryAfterMs: number | null): number {
  return Math.min(retryAfterMs ?? THROTTLED_PAUSE_MS, LONGEST_PAUSE_MS);
}

/** The message is given up. */
export function failed(claimed: ClaimedMessage, reason: string): Decision {
  return { message: { ...base(claimed), status: 'failed', error: reason }, next: null };
}

export function queued(claimed: ClaimedMessage, afterMs: number, now: Date, error: string | null, attempts: number): Decision {
  return {
    message: { ...base(claimed), status: 'queued', error },
    next: { ...step(claimed), status: 'queued', attempts, nextAttemptAt: new Date(now.getTime() + afterMs), error },
  };
}

function base(claimed: ClaimedMessage) {
  return { accountId: claimed.accountId, id: claimed.messageId, externalId: null, sentAt: null, error: null };
}

function step(claimed: ClaimedMessage) {
  return { id: claimed.id, accountId: claimed.accountId, lookups: 0 };
}
