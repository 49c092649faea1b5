import type { ExternalMessage } from '../graph/conversation-lookup.js';
import { CLOCK_TOLERANCE_MS } from './delivery.policy.js';
import { canBeSame } from './message-content.js';
import type { ClaimedMessage } from './outbox-message.js';

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
