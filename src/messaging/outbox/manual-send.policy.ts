import type { ConversationRow } from '../../conversations/index.js';

const DAY_MS = 24 * 60 * 60_000;
/** Graph counts bytes, not characters. */
export const MOST_TEXT_BYTES = 1000;
const HUMAN_AGENT_DAYS = 7;

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

function humanAgentUntil(conversation: ConversationRow): Date | null {
  const last = conversation.lastInboundAt;
  return last === null ? null : new Date(last.getTime() + HUMAN_AGENT_DAYS * DAY_MS);
}

/** What the caller asks for; absent is the same as null. */
export interface ManualMessageInput {
  readonly recipientId: string;
  readonly text?: string | null | undefined;
  readonly attachment?: { readonly type: string; readonly url: string } | null | undefined;
  readonly tag?: 'HUMAN_AGENT' | null | undefined;
}

export interface ManualMessage {
  readonly recipientId: string;
  readonly text: string | null;
  readonly attachment: { readonly type: string; readonly url: string } | null;
  readonly tag: 'HUMAN_AGENT' | null;
}

/** The body of the call to Graph. */
export function requestOf(message: ManualMessage): object {
  return {
    recipient: { id: message.recipientId },
    message: message.attachment
      ? { attachment: { type: message.attachment.type, payload: { url: message.attachment.url } } }
      : { text: message.text },
    // Meta's pages show the tag alone and with its type; together it is accepted everywhere.
    ...(message.tag ? { messaging_type: 'MESSAGE_TAG', tag: message.tag } : {}),
  };
}
