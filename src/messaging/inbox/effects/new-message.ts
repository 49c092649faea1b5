import { newId } from '../../../common/new-id.js';
import type { ConversationRow, MessageDetails, MessageRow } from '../../../conversations/index.js';

/** The column for the mid; its key holds the whole of a longer one. */
const LONGEST_MID = 1000;

type Place = Pick<MessageRow, 'accountId' | 'conversationId' | 'position' | 'createdAt'>;

/** What a new message of a conversation has in common with every other; at its end, unless it has no place among them. */
export function placeIn(conversation: ConversationRow, now: Date, position = conversation.messageCount + 1): Place {
  return { accountId: conversation.accountId, conversationId: conversation.id, position, createdAt: now };
}

export interface Said {
  readonly kind: string;
  readonly text: string | null;
  readonly attachments: MessageRow['attachments'];
  readonly mid: string | null;
  readonly details: MessageDetails | null;
}

/** A message as Meta told of it: the customer's, or one of the account's that was not sent by us. */
export function messageTold(
  place: Place, direction: MessageRow['direction'], { kind, text, attachments, mid, details }: Said, externalKey: string, sentAt: Date,
): MessageRow {
  // Field by field, here and below: objects put together from others take the engine many times as long.
  return {
    accountId: place.accountId, id: newId(), conversationId: place.conversationId, position: place.position, direction, kind, text,
    attachments, externalId: mid?.slice(0, LONGEST_MID) ?? null, externalKey, ruleId: null,
    status: direction === 'inbound' ? 'received' : 'sent', error: null, reactions: [], details, readAt: null, editedAt: null,
    deletedAt: null, sentAt, createdAt: place.createdAt,
  };
}

/** A message of ours, to be sent. */
export function messageQueued(place: Place, { kind, text, attachments, details }: Omit<Said, 'mid'>, ruleId: number | null): MessageRow {
  return {
    accountId: place.accountId, id: newId(), conversationId: place.conversationId, position: place.position, direction: 'outbound', kind,
    text, attachments, externalId: null, externalKey: null, ruleId, status: 'queued', error: null, reactions: [], details, readAt: null,
    editedAt: null, deletedAt: null, sentAt: null, createdAt: place.createdAt,
  };
}
