import type { ConversationRow } from '../../conversations/index.js';
import type { ConversationStop } from '../message-sender.port.js';

const DAY_MS = 24 * 60 * 60_000;
/** What the column holds. */
const LONGEST_REASON = 255;

/**
 * Pure: the conversation after Instagram has refused to let the account write there; null where the refusal is out of
 * date, since the customer has acted after the call began.
 */
export function stopConversation(
  conversation: ConversationRow, stop: ConversationStop, reason: string, calledAt: Date, now: Date,
): ConversationRow | null {
  if (hasActedSince(conversation, calledAt)) return null;
  switch (stop.kind) {
    case 'closed': {
      const closesAt = conversation.windowClosesAt;
      // It opens by itself as soon as the customer acts again.
      return { ...conversation, windowClosesAt: closesAt !== null && closesAt < now ? closesAt : now, updatedAt: now };
    }
    case 'paused': {
      const until = new Date(now.getTime() + stop.forMs);
      if (isPausedBeyond(conversation, until)) return conversation;
      return {
        ...conversation, automationPaused: true, automationPausedUntil: until, automationReason: reason.slice(0, LONGEST_REASON), updatedAt: now,
      };
    }
  }
}

function hasActedSince({ lastInboundAt, windowClosesAt }: ConversationRow, calledAt: Date): boolean {
  if (lastInboundAt !== null && lastInboundAt > calledAt) return true;
  return windowClosesAt !== null && windowClosesAt.getTime() - DAY_MS > calledAt.getTime();
}

/** A person's pause must not be shortened or renamed. */
function isPausedBeyond({ automationPaused, automationPausedUntil }: ConversationRow, until: Date): boolean {
  return automationPaused && (automationPausedUntil === null || automationPausedUntil >= until);
}
