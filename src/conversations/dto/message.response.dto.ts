import { type ButtonRequest } from '../../common/content/button.request.dto.js';
import { type QuickReplyRequest } from '../../common/content/quick-reply.request.dto.js';
import type { MessageDirection, MessageRow, MessageStatus } from '../message.js';
import { type AttachmentResponse } from './attachment.response.dto.js';
import { type ReactionResponse } from './reaction.response.dto.js';
import { type SentReactionResponse } from './sent-reaction.response.dto.js';

export class MessageResponse {
  /** @example "0193591c-4a5e-7b6e-9d5a-3f8f1c2b7a10" */
  id!: string;

  /** @example "17841400000000001" */
  accountId!: string;

  /** @example "17841400000000001:1234567890" */
  conversationId!: string;

  /** @example "inbound" */
  direction!: 'inbound' | 'outbound';

  /** @example "text" */
  kind!: string;

  /** @example "What are your prices?" */
  text!: string | null;

  attachments!: AttachmentResponse[];

  /** Meta's id of the message (the mid); null until Meta has given one. */
  externalId!: string | null;

  /** The rule that answered; null when a person wrote it. */
  ruleId!: number | null;

  /** Inbound: `received`. Outbound: the others; `uncertain` while it is not known whether Meta has delivered it. */
  status!: 'received' | 'queued' | 'sending' | 'sent' | 'failed' | 'uncertain';

  /** Why it failed or waits, in plain words. */
  error!: string | null;

  reactions!: ReactionResponse[];

  /** When the other side read it. */
  readAt!: Date | null;

  /** When the customer last edited it; `text` is as it is now. */
  editedAt!: Date | null;

  /** When it was unsent; its content is gone then. */
  deletedAt!: Date | null;

  /** Meta's time. */
  sentAt!: Date | null;

  /** When it was recorded here. */
  createdAt!: Date;

  /** Only where it was sent with some. */
  quickReplies?: QuickReplyRequest[];

  /** Only where it was sent with some. */
  buttons?: ButtonRequest[];

  /** Only of cards that were sent. */
  elements?: object[];

  /** Only of a reaction of the account: what was done to which message. */
  reaction?: SentReactionResponse;

  /** Only of a private reply: the comment that it answers. */
  commentId?: string;

  static from(row: MessageRow): MessageResponse {
    return Object.assign(new MessageResponse(), {
      id: row.id,
      accountId: row.accountId,
      conversationId: row.conversationId,
      direction: row.direction satisfies MessageDirection,
      kind: row.kind,
      text: row.text,
      attachments: [...row.attachments],
      externalId: row.externalId,
      ruleId: row.ruleId,
      status: row.status satisfies MessageStatus,
      error: row.error,
      reactions: [...row.reactions],
      readAt: row.readAt,
      editedAt: row.editedAt,
      deletedAt: row.deletedAt,
      sentAt: row.sentAt,
      createdAt: row.createdAt,
      ...sentFields(row),
    });
  }
}

function sentFields({ details }: MessageRow): Partial<MessageResponse> {
  if (details === null) return {};
  const { quickReplies, buttons, elements, reacted, commentId } = details;
  const all = { quickReplies, buttons, elements, reaction: reacted, commentId };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
