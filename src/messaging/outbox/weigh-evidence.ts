import type { ConversationRecord, ExternalMessage } from '../graph/conversation-lookup.js';
import { CLOCK_TOLERANCE_MS, mayHaveGoneSince } from './delivery.policy.js';
import { canBeSame } from './message-content.js';
import type { ClaimedMessage } from './outbox-message.js';

/** A message of our own record. */
export interface KnownMessage {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly position: number;
  readonly createdAt: Date;
}

export interface EvidenceCase {
  readonly attempt: ClaimedMessage;
  /** The customer's id; whoever else wrote is the business. */
  readonly participantId: string;
  readonly record: ConversationRecord;
  /** Where the attempted message stands in our record of the conversation. */
  readonly position: number;
  /** By mid, those of the record's messages that stand in ours. */
  readonly known: ReadonlyMap<string, KnownMessage>;
  /** Our record has messages before the attempted one that Instagram should show as well. */
  readonly expectsEarlier: boolean;
}

export type Evidence =
  | { readonly kind: 'found'; readonly message: ExternalMessage }
  /** It would be shown, and is not. */
  | { readonly kind: 'absent' }
  /** The record does not reach back to the attempt (of several calls, the first), or shows some messages without what is in them. */
  | { readonly kind: 'hidden' };

/** Pure: what Instagram's record of a conversation says of an attempt whose outcome is unknown. */
export function weighEvidence(given: EvidenceCase): Evidence {
  const { record, known, expectsEarlier } = given;
  const message = findAttempt(given);
  if (message) return { kind: 'found', message };
  const end = record.messages.findIndex((one) => isBefore(one, given));
  const since = end < 0 ? record.messages : record.messages.slice(0, end);
  // Instagram lists older messages by their ids alone: one of those that we do not know may be this one.
  const isShown = since.every((one) => known.has(one.id) || (one.fromId !== null && one.createdAt !== null));
  const reachesBack = end >= 0 || (record.isComplete && !expectsEarlier);
  return isShown && reachesBack ? { kind: 'absent' } : { kind: 'hidden' };
}

/**
 * The oldest message with this content since the attempt that is nobody else's. The same text may have been sent before,
 * or by a person: what stands in our record under its id is not this one, but for an echo that could not be matched and
 * was recorded as a person's after it. One of a kind that nobody knows is preferred to such an echo.
 */
function findAttempt({ attempt, participantId, record, position, known }: EvidenceCase): ExternalMessage | undefined {
  const earliest = earliestOf(attempt, record);
  const candidates = record.messages.toReversed()
    .filter(({ fromId, createdAt }) => fromId !== null && fromId !== participantId && createdAt !== null && createdAt.getTime() >= earliest)
    .filter((one) => canBeSame(attempt.request, one))
    .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
  const isOwn = (one: KnownMessage | undefined) => one === undefined || one.id === attempt.messageId;
  const isEcho = (one: KnownMessage | undefined) => one?.direction === 'outbound' && one.position > position && one.createdAt >= attempt.attemptedAt;
  return candidates.find((one) => isOwn(known.get(one.id))) ?? candidates.find((one) => isEcho(known.get(one.id)));
}

/** Older than the attempt for certain: by our own order, or by Meta's clock. */
function isBefore(message: ExternalMessage, { attempt, record, position, known }: EvidenceCase): boolean {
  const standing = known.get(message.id);
  // What we had recorded before the call, Instagram had before.
  if (standing) return standing.position < position || standing.createdAt < mayHaveGoneSince(attempt, attempt.attemptedAt);
  return message.createdAt !== null && message.createdAt.getTime() < earliestOf(attempt, record);
}

/** The attempt's time (or that of one before it, which Instagram refused) by Meta's clock, as far as the two are apart. */
function earliestOf(attempt: ClaimedMessage, record: ConversationRecord): number {
  return mayHaveGoneSince(attempt, attempt.attemptedAt).getTime() + record.clockAheadMs - CLOCK_TOLERANCE_MS;
}
