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
  details: Readonly<Record<string, unknown>> | null;
  readAt: Date | null;
  editedAt: Date | null;
  deletedAt: Date | null;
  /** Meta's time; null while it is not known. */
  sentAt: Date | null;
  readonly createdAt: Date;
}

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
