import type { ProcessingSettings } from '../../../accounts/index.js';
import { latest } from '../../../common/times.js';
import type { ConversationRow, MessageDetails } from '../../../conversations/index.js';
import type { EchoMatches } from '../../outbox/echo-matcher.js';
import type { ReadEvent } from '../read-event.js';

const MINUTE_MS = 60_000;

type Elsewhere = NonNullable<MessageDetails['elsewhere']>;

/**
 * What a message typed elsewhere at `at` does to automation: nothing where `minutes` is 0. One that is over by now is kept
 * too: what the customer wrote before its end is not answered, however late it comes.
 */
export function takenOver(
  conversation: ConversationRow, at: Date, minutes: number,
): { readonly patch: Partial<ConversationRow>; readonly elsewhere: Elsewhere } {
  const until = new Date(at.getTime() + minutes * MINUTE_MS);
  const { automaticTurns, automaticTurnsSince, takeoverUntil } = conversation;
  return {
    patch: minutes > 0 ? { takeoverUntil: latest(takeoverUntil, until) } : {},
    // Should it turn out to have been our own after all, this is what is taken back.
    elsewhere: {
      pausedUntil: minutes > 0 ? until.toISOString() : null, turns: automaticTurns, turnsSince: automaticTurnsSince?.toISOString() ?? null,
    },
  };
}

/**
 * When somebody last wrote elsewhere in each conversation of a batch, by its id, where what that pauses is over by now. While it
 * is not, an answer is decided, and withdrawn before it is called: should the echo turn out to have been our own, it goes out.
 */
export function lastByPerson(
  ordered: readonly ReadEvent[], confirmed: Pick<EchoMatches, 'find'>, settings: ReadonlyMap<string, ProcessingSettings>, now: Date,
): ReadonlyMap<string, Date> {
  const last = new Map<string, Date>();
  for (const { event: { accountId, occurredAt }, subject, conversationId, standby } of ordered) {
    if (subject.is !== 'message' || subject.inbound || standby || conversationId === null) continue;
    const { mid } = subject.content;
    const isOurs = mid !== null && confirmed.find(accountId, mid) !== undefined;
    const minutes = settings.get(accountId)?.takeoverMinutes ?? 0;
    const isOver = occurredAt.getTime() + minutes * MINUTE_MS <= now.getTime();
    if (!isOurs && minutes > 0 && isOver) last.set(conversationId, latest(last.get(conversationId) ?? null, occurredAt));
  }
  return last;
}
