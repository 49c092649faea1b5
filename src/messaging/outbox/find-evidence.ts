import type { ExternalMessage } from '../graph/conversation-lookup.js';
import { CLOCK_TOLERANCE_MS } from './delivery.policy.js';
import { canBeSame } from './message-content.js';
import type { ClaimedMessage } from './outbox-message.js';

/** Instagram tells the content of so many of a conversation's messages, the newest; others it lists as bare ids, or not. */
const TOLD = 20;

/**
 * The messages of Instagram's record that can be this attempt: from the business, with the same content, not older than
 * the attempt. Oldest first; the caller leaves out those it knows to be others.
 */
export function findEvidence(attempt: ClaimedMessage, participantId: string, messages: readonly ExternalMessage[]): ExternalMessage[] {
  const earliest = attempt.attemptedAt.getTime() - CLOCK_TOLERANCE_MS;
  return messages
    .filter((message) => message.fromId !== null && message.fromId !== participantId)
    .filter((message) => message.createdAt !== null && message.createdAt.getTime() >= earliest)
    .filter((message) => canBeSame(attempt.request, message))
    .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
}

/**
 * Whether what Instagram tells goes back to before the attempt. Only then does it prove that a message which is not in it
 * was not delivered: when many have come since, the one that is looked for stands behind them.
 * @param recordedAt when we recorded a message that is in our records: what we had then, Instagram had before
 */
export function reachesBack(
  attempt: ClaimedMessage, messages: readonly ExternalMessage[], recordedAt: (message: ExternalMessage) => Date | undefined,
): boolean {
  if (messages.length < TOLD) return true; // the whole conversation
  const claimedAt = attempt.attemptedAt.getTime();
  return messages
    .filter((message) => message.fromId !== null && message.createdAt !== null)
    .some((message) => {
      const isOlder = message.createdAt !== null && message.createdAt.getTime() < claimedAt - CLOCK_TOLERANCE_MS;
      return isOlder || (recordedAt(message)?.getTime() ?? claimedAt) < claimedAt;
    });
}
