import { newId } from '../../../common/new-id.js';
import type { ConversationRow, MessageDetails, MessageRow } from '../../../conversations/index.js';

/** The column for the mid; its key holds the whole of a longer one. */
const LONGEST_MID = 1000;

type Place = Pick<MessageRow, 'accountId' | 'conversationId' | 'position' | 'createdAt'>;

/** What a new message of a conversation has in common with every other. */
export function placeIn(conversation: ConversationRow, now: Date): Place {
  return { accountId: conversation.accountId, conversationId: conversation.id, position: conversation.messageCount + 1, createdAt: now };
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
  return {
    ...NOTHING_YET, ...place, id: newId(), direction, kind, text, attachments, details, externalKey, sentAt, ruleId: null,
    externalId: mid?.slice(0, LONGEST_MID) ?? null, status: direction === 'inbound' ? 'received' : 'sent',
  };
}

/** A message of ours, to be sent. */
export function messageQueued(place: Place, said: Omit<Said, 'mid'>, ruleId: number | null): MessageRow {
  return {
    ...NOTHING_YET, ...place, ...said, id: newId(), direction: 'outbound', externalId: null, externalKey: null, ruleId, status: 'queued',
    sentAt: null,
  };
}

const NOTHING_YET = { error: null, reactions: [], readAt: null, editedAt: null, deletedAt: null };
