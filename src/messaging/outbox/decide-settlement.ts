import type { ExternalMessage } from '../graph/conversation-lookup.js';
import { failed, queued, type Decision } from './decide-outcome.js';
import { MOST_ATTEMPTS, nextLookupAt, provesAbsence, unansweredRetryAt } from './delivery.policy.js';
import type { ClaimedMessage } from './outbox-message.js';

/** What one look-up has brought to light about an attempt. */
export type Finding =
  | { readonly kind: 'found'; readonly message: ExternalMessage }
  | { readonly kind: 'absent'; readonly askedAt: Date }
  /** Nothing; `retryAfterMs`: not worth asking before. */
  | { readonly kind: 'nothing'; readonly reason: string; readonly retryAfterMs: number | null };

/** Pure: how an uncertain send goes on. */
export function decideSettlement(attempt: ClaimedMessage, finding: Finding, now: Date, givesUpAt: Date): Decision {
  switch (finding.kind) {
    case 'found': {
      const { id, createdAt } = finding.message;
      const { accountId, messageId } = attempt;
      return { message: { accountId, id: messageId, status: 'sent', externalId: id, sentAt: createdAt, error: null }, next: null };
    }
    case 'absent':
      return afterAbsence(attempt, finding.askedAt, now);
    case 'nothing':
      if (now >= givesUpAt) return givenUp(attempt, finding.reason);
      return stillUncertain(attempt, attempt.lookups, unansweredRetryAt(now, givesUpAt, finding.retryAfterMs));
  }
}

function afterAbsence(attempt: ClaimedMessage, askedAt: Date, now: Date): Decision {
  const lookups = attempt.lookups + 1;
  if (!provesAbsence(lookups, askedAt, attempt.attemptedAt)) {
    return stillUncertain(attempt, lookups, nextLookupAt(now, attempt.attemptedAt, lookups));
  }
  const reason = attempt.error ?? 'the outcome was unknown';
  if (attempt.attempts >= MOST_ATTEMPTS) {
    return failed(attempt, `Instagram has not got it (${reason}); tried ${String(attempt.attempts)} times. Send it again later.`);
  }
  const { message, next } = queued(attempt, 0, now, `Instagram has not got it (${reason}), so it is sent again.`, attempt.attempts);
  // Tells it, until it is claimed, from one that Instagram has refused.
  return { message, next: next && { ...next, lookups } };
}

function givenUp(attempt: ClaimedMessage, reason: string): Decision {
  const decision = failed(
    attempt,
    `Whether Instagram delivered it could not be found out for 15 minutes (${reason}), and it was not sent again, since the customer may have it. Look at the conversation on Instagram before you send it again.`,
  );
  return { ...decision, mayHaveArrived: true };
}

function stillUncertain(attempt: ClaimedMessage, lookups: number, nextAttemptAt: Date): Decision {
  const { accountId, messageId, id, attempts, attemptedAt, error } = attempt;
  const words = `It is being looked up whether it was delivered${error === null ? '' : `: ${error}`}.`;
  return {
    message: { accountId, id: messageId, status: 'uncertain', externalId: null, sentAt: null, error: words },
    next: { id, accountId, status: 'uncertain', attempts, attemptedAt, lookups, nextAttemptAt, error },
  };
}
