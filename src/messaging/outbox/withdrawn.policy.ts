import { automationAt, OPTED_OUT, TAKEOVER, type ConversationRow } from '../../conversations/index.js';

/**
 * Why an automatic reply that was decided at `decidedAt` and has not been called is not wanted any more; null: it is. Pure.
 * A takeover or a pause counts though it is over by now: nothing is decided during one, so the reply is from before it. (One that
 * an operator has ended does not stand in the conversation any more.)
 */
export function whyWithdrawn(conversation: ConversationRow, decidedAt: Date, now: Date): string | null {
  const { takeoverUntil, automationPaused, automationPausedUntil, automationReason } = conversation;
  const { paused, reason } = automationAt(conversation, now);
  if (paused && reason === OPTED_OUT) return 'Not sent: the customer has opted out of automatic answers since it was queued.';
  if ((paused && reason === TAKEOVER) || (takeoverUntil !== null && decidedAt < takeoverUntil)) {
    return 'Not sent: a person has written to the customer since it was queued.';
  }
  if (paused) return pausedSince(reason);
  return automationPaused && automationPausedUntil !== null && decidedAt < automationPausedUntil ? pausedSince(automationReason) : null;
}

function pausedSince(reason: string | null): string {
  return `Not sent: automation has been paused in the conversation since it was queued${reason === null ? '' : ` (${reason})`}.`;
}
