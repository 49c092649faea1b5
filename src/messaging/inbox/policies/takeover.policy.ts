import { latest } from '../../../common/times.js';
import type { ConversationRow, MessageDetails } from '../../../conversations/index.js';

type Elsewhere = NonNullable<MessageDetails['elsewhere']>;

/** What a message typed elsewhere at `at` does to automation: nothing where `minutes` is 0, or over already. */
export function takenOver(
  conversation: ConversationRow, at: Date, minutes: number, now: Date,
): { readonly patch: Partial<ConversationRow>; readonly elsewhere: Elsewhere } {
  const until = new Date(at.getTime() + minutes * 60_000);
  const pauses = minutes > 0 && until > now;
  const { automaticTurns, automaticTurnsSince, takeoverUntil } = conversation;
  return {
    patch: pauses ? { takeoverUntil: latest(takeoverUntil, until) } : {},
    // Should it turn out to have been our own after all, this is what is taken back.
    elsewhere: {
      pausedUntil: pauses ? until.toISOString() : null, turns: automaticTurns, turnsSince: automaticTurnsSince?.toISOString() ?? null,
    },
  };
}
