import type { Button, Element, QuickReply } from '../common/content/content.js';

export type MessageDirection = 'inbound' | 'outbound';
export type MessageStatus = 'received' | 'queued' | 'sending' | 'sent' | 'failed' | 'uncertain';

export interface Attachment {
  readonly type: string;
  readonly url?: string;
}

export interface Reaction {
  readonly reaction: string | null;
  readonly emoji: string | null;
  readonly at: string;
}

/** A text that an edit replaced; number 0 is the original. */
export interface EarlierText {
  readonly text: string;
  readonly editNumber: number;
  readonly at: string;
}

/** What one person last did about a message; `taken`: took the reaction back. */
export interface Reactor extends Reaction {
  readonly by: string | null;
  readonly taken: boolean;
}

/** What is known of a message beside what is shown of it. */
export interface MessageDetails {
  /** Of a postback or a quick reply. */
  readonly payload?: string;
  /** The message, or the story, that it answers. */
  readonly replyTo?: { readonly mid?: string; readonly story?: { readonly id?: string; readonly url?: string } };
  /** The advertisement or link that brought the person. */
  readonly referral?: Readonly<Record<string, string>>;
  /** Of a comment: what it was written under. */
  readonly comment?: { readonly mediaId?: string; readonly parentId?: string; readonly live?: boolean };
  /** The texts before the one that stands, oldest first, and which edit that is. */
  readonly earlierTexts?: readonly EarlierText[];
  readonly edit?: { readonly number: number; readonly at: string };
  readonly reactors?: readonly Reactor[];
  /** It was typed elsewhere: what that changed in the conversation, to be undone should it prove to be our own. */
  readonly elsewhere?: { readonly pausedUntil: string | null; readonly turns: number; readonly turnsSince: string | null };
  /** Sent by the service itself, without a rule. */
  readonly automatic?: string;
  /** What was sent beside the text. */
  readonly quickReplies?: readonly QuickReply[];
  readonly buttons?: readonly Button[];
  readonly elements?: readonly Element[];
  /** What a reaction of the account is to. */
  readonly reacted?: { readonly action: 'react' | 'unreact'; readonly reaction: string | null; readonly messageId: string };
  /** The comment that it answers privately. */
  readonly commentId?: string;
}

/** A message as repositories hand it around. */
export interface MessageRow {
  readonly accountId: string;
  /** Ours, a UUIDv7. */
  readonly id: string;
  readonly conversationId: string;
  /** Its place in the conversation, from 1: the order in which messages took effect. */
  readonly position: number;
  readonly direction: MessageDirection;
  readonly kind: string;
  text: string | null;
  attachments: readonly Attachment[];
  /** Meta's mid, as it came. */
  externalId: string | null;
  /** SHA-256 of the mid, for the unique key: mids are case-sensitive and of any length. */
  externalKey: string | null;
  readonly ruleId: number | null;
  status: MessageStatus;
  error: string | null;
  reactions: readonly Reaction[];
  details: MessageDetails | null;
  readAt: Date | null;
  editedAt: Date | null;
  deletedAt: Date | null;
  /** Meta's time; null while it is not known. */
  sentAt: Date | null;
  readonly createdAt: Date;
}

/** The `position` of what is no message of its conversation: a typing sign, say. It can be asked for by its id alone. */
export const UNLISTED = 0;

/** How an attempt to send ended, or stands. */
export interface MessageOutcome {
  readonly accountId: string;
  readonly id: string;
  readonly status: MessageStatus;
  readonly externalId: string | null;
  readonly externalKey: string | null;
  readonly sentAt: Date | null;
  /** In plain words; null clears an earlier one. */
  readonly error: string | null;
}

export interface MessageKey {
  readonly accountId: string;
  readonly id: string;
}
