import type { MessageOutcome } from '../../conversations/index.js';
import type { SendOutcome } from '../message-sender.port.js';
import { kindsOfSend } from '../pace/kinds-of-send.js';
import { sentence } from '../sentence.js';
import { backoffMs, LONGEST_DELAY_MS, LONGEST_PAUSE_MS, MOST_ATTEMPTS, nextLookupAt, unreachedRetryMs } from './delivery.policy.js';
import { isAction, isTyping } from './message-content.js';
import type { ClaimedMessage, NextStep, OutboxMessage } from './outbox-message.js';

/** What an attempt came to; `released`: it was not made after all. */
export type AttemptOutcome = SendOutcome | { readonly kind: 'released'; readonly afterMs: number };

export interface Decision {
  /** How the message stands now. */
  readonly message: Omit<MessageOutcome, 'externalKey'>;
  /** Null: settled, the outbox is done with it. */
  readonly next: NextStep | null;
  /** Given up although Instagram may have delivered it. */
  readonly mayHaveArrived?: boolean;
}

/** What waits with its account comes back this soon: whether the account may send is asked at every claim. */
const WITH_ACCOUNT_RETRY_MS = 1_500;

/** Pure: what follows from one attempt. A typing sign is of the moment: tried again, it would only hold up what comes after it. */
export function decideOutcome(claimed: ClaimedMessage, outcome: AttemptOutcome, now: Date, random: number): Decision {
  switch (outcome.kind) {
    case 'sent':
      // Meta's own time comes with the echo; until then, when it said yes.
      return {
        message: { ...base(claimed), status: 'sent', externalId: outcome.messageId, sentAt: now, error: outcome.note ?? null }, next: null,
      };
    case 'failed':
      return failed(claimed, sentence(outcome.reason, outcome.cure));
    case 'retry': {
      const { reason, cure } = outcome;
      if (claimed.attempts >= (isTyping(claimed.request) ? 1 : (outcome.maxAttempts ?? MOST_ATTEMPTS))) {
        return failed(claimed, sentence(`${reason}; tried ${String(claimed.attempts)} times`, cure));
      }
      const afterMs = Math.min(outcome.retryAfterMs ?? backoffMs(claimed.attempts, random), LONGEST_PAUSE_MS);
      const { message, next } = queued(claimed, afterMs, now, sentence(`${reason}; it is tried again by itself`), claimed.attempts);
      // A passing error of Instagram's own: now and then what it answers so has gone out all the same.
      return { message, next: next && { ...next, lookups: outcome.maxAttempts === undefined ? 1 : 0 } };
    }
    case 'unreached': {
      // Nothing but the network stands in the way, perhaps for an hour: the tries are left for when it is there again.
      const { reason, cure } = outcome;
      const afterMs = isTyping(claimed.request) ? null : unreachedRetryMs(claimed, now, random);
      if (afterMs === null) return failed(claimed, sentence(reason, cure));
      return uncounted(claimed, afterMs, now, sentence(`${reason}; it is tried again by itself`));
    }
    case 'unknown':
      // A typing sign or a reaction given twice is the same as once, and no record tells of it.
      return isAction(claimed.request) ? decideOutcome(claimed, again(outcome.reason), now, random) : uncertain(claimed, outcome.reason, now);
    case 'dead_token':
      // Not this message's fault: it waits for a new token, and the attempt does not count.
      return uncounted(claimed, WITH_ACCOUNT_RETRY_MS, now, sentence(`It waits for a new access token: ${outcome.reason}`, outcome.cure));
    case 'paused':
      return uncounted(claimed, WITH_ACCOUNT_RETRY_MS, now, sentence(`It waits with its account: ${outcome.reason}`, outcome.cure));
    case 'released':
      return notCalled(claimed, outcome.afterMs, now);
  }
}

function again(reason: string): SendOutcome {
  return { kind: 'retry', retryAfterMs: null, reason, code: 'unknown' };
}

function uncertain(claimed: ClaimedMessage, reason: string, now: Date): Decision {
  return {
    message: { ...base(claimed), status: 'uncertain', error: `It is being looked up whether it was delivered: ${reason}.` },
    next: {
      ...step(claimed), status: 'uncertain', attempts: claimed.attempts,
      nextAttemptAt: nextLookupAt(now, claimed.attemptedAt, 0), error: reason,
    },
  };
}

/** The message is given up. */
export function failed(send: OutboxMessage, reason: string): Decision {
  return { message: { ...base(send), status: 'failed', error: reason }, next: null };
}

export function queued(claimed: ClaimedMessage, afterMs: number, now: Date, error: string | null, attempts: number): Decision {
  return {
    message: { ...base(claimed), status: 'queued', error },
    next: { ...step(claimed), status: 'queued', attempts, nextAttemptAt: new Date(now.getTime() + afterMs), error },
  };
}

/** The try does not count. An earlier one that does may still turn out to have arrived: by what stood of that, its echo is known. */
function uncounted(claimed: ClaimedMessage, afterMs: number, now: Date, error: string | null): Decision {
  const { message, next } = queued(claimed, afterMs, now, error, claimed.attempts - 1);
  return { message, next: next && { ...next, ...claimed.earlier } };
}

/**
 * It was claimed, and the call was not made: it stands as it stood before the claim. A private reply that is put off by its
 * hour's limit stands as one that was never called, so that others may go before it: an earlier try was refused or is known
 * not to have arrived, and should it have arrived late all the same, Instagram takes no second one for the comment.
 */
export function notCalled(claimed: ClaimedMessage, afterMs: number, now: Date): Decision {
  const { message, next } = uncounted(claimed, afterMs, now, claimed.error);
  const isPutOff = afterMs > LONGEST_DELAY_MS && kindsOfSend(claimed.request).includes('private_replies');
  return { message, next: next && { ...next, attemptedAt: next.attempts === 0 || isPutOff ? null : next.attemptedAt } };
}

function base(send: OutboxMessage) {
  return { accountId: send.accountId, id: send.messageId, externalId: null, sentAt: null, error: null };
}

function step(claimed: ClaimedMessage) {
  return { id: claimed.id, accountId: claimed.accountId, attemptedAt: claimed.attemptedAt, lookups: 0 };
}
