import type { ConversationRow } from '../../conversations/index.js';

const DAY_MS = 24 * 60 * 60_000;
const HUMAN_AGENT_DAYS = 7;
/** Instagram shows that somebody types for about as long. */
export const TYPING_GOOD_FOR_MS = 20_000;

export type MayWrite = { readonly until: Date } | { readonly refusal: string };

/** Whether Meta lets the account write to the customer now, and until when. Pure. */
export function mayWrite(conversation: ConversationRow, humanAgent: boolean, now: Date): MayWrite {
  const until = humanAgent ? humanAgentUntil(conversation) : conversation.windowClosesAt;
  if (until === null) return { refusal: 'the customer has not written to the account yet, and only the customer can begin' };
  if (until > now) return { until };
  return {
    refusal: humanAgent
      ? `more than ${String(HUMAN_AGENT_DAYS)} days have passed since the customer's last message`
      : `the messaging window closed at ${until.toISOString()}: write again when the customer has written, or use the tag HUMAN_AGENT within 7 days`,
  };
}

/** What opens the window without a message (a reaction, a link followed) lets a person write too. */
function humanAgentUntil({ lastInboundAt, windowClosesAt }: ConversationRow): Date | null {
  const until = lastInboundAt === null ? null : new Date(lastInboundAt.getTime() + HUMAN_AGENT_DAYS * DAY_MS);
  return until === null || (windowClosesAt !== null && windowClosesAt > until) ? windowClosesAt : until;
}
