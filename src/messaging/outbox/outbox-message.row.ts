import type { Dialect, SqlValue } from '../../database/index.js';
import { LOST_AFTER_MS } from './delivery.policy.js';
import type { ClaimedMessage, NewOutboxMessage, OutboxMessage, OutboxStatus } from './outbox-message.js';

export const OUTBOX_COLUMNS = [
  'account_id', 'conversation_id', 'message_id', 'source', 'status', 'attempts', 'next_attempt_at', 'attempted_at',
  'lookups', 'send_before', 'request', 'error', 'created_at',
] as const;

export const NEW_OUTBOX_COLUMNS = [...OUTBOX_COLUMNS, 'claimed_by'] as const;

/** Claimed with the statement that puts it there, so without an id as yet. */
export type NewlyClaimed = Omit<ClaimedMessage, 'id'>;

/** Everything of a row of `outbox_messages o`. */
export const OUTBOX_SELECTED = ['id', ...OUTBOX_COLUMNS].map((column) => `o.${column}`).join(', ');

/** A row of `outbox_messages` as the drivers give it. */
export interface RawOutboxMessage {
  readonly id: number | string;
  readonly account_id: string;
  readonly conversation_id: string;
  readonly message_id: string;
  readonly source: OutboxMessage['source'];
  readonly status: OutboxStatus;
  readonly attempts: number | string;
  readonly next_attempt_at: unknown;
  readonly attempted_at: unknown;
  readonly lookups: number | string;
  readonly send_before: unknown;
  readonly created_at: unknown;
  readonly request: string;
  readonly error: string | null;
}

export function readOutboxMessage(row: RawOutboxMessage, dialect: Dialect): OutboxMessage {
  return {
    id: Number(row.id),
    accountId: row.account_id,
    conversationId: row.conversation_id,
    messageId: row.message_id,
    source: row.source,
    status: row.status,
    attempts: Number(row.attempts),
    nextAttemptAt: dialect.readTime(row.next_attempt_at) ?? new Date(0),
    attemptedAt: dialect.readTime(row.attempted_at),
    lookups: Number(row.lookups),
    sendBefore: dialect.readTime(row.send_before),
    createdAt: dialect.readTime(row.created_at) ?? new Date(0),
    request: JSON.parse(row.request) as Record<string, unknown>,
    error: row.error,
  };
}

export function newlyClaimed({ delayMs: _, ...row }: NewOutboxMessage, now: Date): NewlyClaimed {
  return {
    ...row, status: 'sending', attempts: 1, attemptedAt: now, nextAttemptAt: new Date(now.getTime() + LOST_AFTER_MS), lookups: 0, error: null,
    createdAt: now, request: { ...row.request },
  };
}

/** Values for `NEW_OUTBOX_COLUMNS`. @param claim undefined: it is queued */
export function newOutboxRow(row: NewOutboxMessage, claim: NewlyClaimed | undefined, me: string, now: Date, dialect: Dialect): SqlValue[] {
  const due = claim ? claim.nextAttemptAt : new Date(now.getTime() + (row.delayMs ?? 0));
  return [
    row.accountId, row.conversationId, row.messageId, row.source, claim ? 'sending' : 'queued', claim ? 1 : 0, dialect.time(due),
    dialect.time(claim?.attemptedAt), 0, dialect.time(row.sendBefore), JSON.stringify(row.request), null, dialect.time(now), claim ? me : null,
  ];
}
