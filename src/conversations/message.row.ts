import type { Dialect, SqlValue } from '../database/index.js';
import type { Attachment, MessageDetails, MessageDirection, MessageRow, MessageStatus, Reaction } from './message.js';

export const MESSAGE_COLUMNS = [
  'account_id', 'id', 'conversation_id', 'position', 'direction', 'kind', 'text', 'attachments', 'external_id',
  'external_key', 'rule_id', 'status', 'error', 'reactions', 'details', 'read_at', 'edited_at', 'deleted_at', 'sent_at',
  'created_at',
] as const;

/** A row of `messages` as the drivers give it. */
export interface RawMessage {
  readonly account_id: string;
  readonly id: string;
  readonly conversation_id: string;
  readonly position: number | string;
  readonly direction: string;
  readonly kind: string;
  readonly text: string | null;
  readonly attachments: string | null;
  readonly external_id: string | null;
  readonly external_key: string | null;
  readonly rule_id: number | string | null;
  readonly status: string;
  readonly error: string | null;
  readonly reactions: string | null;
  readonly details: string | null;
  readonly read_at: unknown;
  readonly edited_at: unknown;
  readonly deleted_at: unknown;
  readonly sent_at: unknown;
  readonly created_at: unknown;
}

export function readMessage(row: RawMessage, dialect: Dialect): MessageRow {
  return {
    accountId: row.account_id,
    id: row.id,
    conversationId: row.conversation_id,
    position: Number(row.position),
    direction: row.direction as MessageDirection,
    kind: row.kind,
    text: row.text,
    attachments: fromJson<readonly Attachment[]>(row.attachments, []),
    externalId: row.external_id,
    externalKey: row.external_key,
    ruleId: row.rule_id === null ? null : Number(row.rule_id),
    status: row.status as MessageStatus,
    error: row.error,
    reactions: fromJson<readonly Reaction[]>(row.reactions, []),
    details: fromJson<MessageDetails | null>(row.details, null),
    readAt: dialect.readTime(row.read_at),
    editedAt: dialect.readTime(row.edited_at),
    deletedAt: dialect.readTime(row.deleted_at),
    sentAt: dialect.readTime(row.sent_at),
    createdAt: dialect.readTime(row.created_at) ?? new Date(0),
  };
}

export function writeMessage(row: MessageRow, dialect: Dialect): SqlValue[] {
  return [
    row.accountId, row.id, row.conversationId, row.position, row.direction, row.kind, row.text,
    row.attachments.length === 0 ? null : JSON.stringify(row.attachments),
    row.externalId, row.externalKey, row.ruleId, row.status, row.error,
    row.reactions.length === 0 ? null : JSON.stringify(row.reactions),
    row.details === null ? null : JSON.stringify(row.details),
    dialect.time(row.readAt), dialect.time(row.editedAt), dialect.time(row.deletedAt), dialect.time(row.sentAt),
    dialect.time(row.createdAt),
  ];
}

function fromJson<T>(text: string | null, empty: T): T {
  return text === null ? empty : (JSON.parse(text) as T);
}
