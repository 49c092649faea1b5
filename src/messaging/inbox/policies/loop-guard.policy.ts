import type { ConversationRow } from '../../../conversations/index.js';

const HOUR_MS = 60 * 60_000;

type Turns = Pick<ConversationRow, 'automaticTurns' | 'automaticTurnsSince'>;

/** A person wrote for the account, or tapped a button, which no program can: the count begins anew. */
export const PERSON_ACTED: Turns = { automaticTurns: 0, automaticTurnsSince: null };

/** One more automatic answer. The hour begins with the first. */
export function turnTaken(conversation: ConversationRow, now: Date): Turns {
  const turns = turnsWithinHour(conversation, now);
  return { automaticTurns: turns + 1, automaticTurnsSince: turns === 0 ? now : conversation.automaticTurnsSince };
}

/** Two programs that answer each other would never stop: after so many answers somebody has to step in, or an hour to pass. */
export function whyLoopGuard(conversation: ConversationRow, most: number, now: Date): string | null {
  const { automaticTurnsSince: since } = conversation;
  if (since === null || turnsWithinHour(conversation, now) < most) return null;
  const again = new Date(since.getTime() + HOUR_MS).toISOString();
  return `loop guard: ${String(most)} automatic answers have gone out since ${since.toISOString()} and no person has stepped in; the next is possible at ${again}`;
}

function turnsWithinHour({ automaticTurns, automaticTurnsSince: since }: Turns, now: Date): number {
  return since === null || now.getTime() - since.getTime() >= HOUR_MS ? 0 : automaticTurns;
}
