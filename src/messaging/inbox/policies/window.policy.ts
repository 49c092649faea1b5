import { latest } from '../../../common/times.js';
import type { ConversationRow } from '../../../conversations/index.js';

/** Meta lets an account write for this long after what the customer did. */
export const WINDOW_MS = 24 * 60 * 60_000;

type Patch = Partial<ConversationRow>;

/** A message, a postback, a reaction, or a link into the conversation opens it; nothing that the account did does. */
export function windowOpened({ windowClosesAt }: ConversationRow, at: Date): Patch {
  return { windowClosesAt: latest(windowClosesAt, new Date(at.getTime() + WINDOW_MS)) };
}

/** The customer wrote, or tapped. */
export function customerWrote(conversation: ConversationRow, at: Date): Patch {
  return { ...windowOpened(conversation, at), lastInboundAt: latest(conversation.lastInboundAt, at) };
}
