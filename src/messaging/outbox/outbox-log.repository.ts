import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type SqlValue, type Tx } from '../../database/index.js';
import type { OutboxSource, OutboxStatus } from './outbox-message.js';

/** A send that is not settled, as people look at it. */
export interface LoggedSend {
  readonly id: number;
  readonly messageId: string;
  readonly conversationId: string;
  readonly source: OutboxSource;
  readonly status: OutboxStatus;
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly attemptedAt: Date | null;
  readonly sendBefore: Date | null;
  readonly error: string | null;
  readonly createdAt: Date;
}

export interface StatusSummary {
  /** Counted up to `COUNTED_UP_TO`. */
  readonly count: number;
  readonly oldestAt: Date | null;
}

export const OUTBOX_STATUSES = ['queued', 'sending', 'uncertain'] as const satisfies OutboxStatus[];
/** Beyond this, how many there are no longer matters to who looks, and counting them would hold up the database. */
export const COUNTED_UP_TO = 10_000;

const OLDEST_FIRST = 'ix_outbox_status';
const SELECTED = `id, message_id, conversation_id, source, status, attempts, next_attempt_at, attempted_at, send_before, error, created_at`;

/** Looking at what is still to be sent; flat, however much that is. */
@Injectable()
export class OutboxLogRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Oldest first. Each status is a range of one index, and the ranges are merged. */
  async list(tx: Tx, accountId: string, statuses: readonly OutboxStatus[], after: number, limit: number): Promise<LoggedSend[]> {
    if (statuses.length === 0) return [];
    const parts = statuses.map((_, part) =>
      `SELECT id FROM (SELECT id FROM outbox_messages${this.dialect.along(OLDEST_FIRST)} WHERE account_id = ? AND status = ? AND id > ? ORDER BY id LIMIT ?) part${String(part)}`);
    const found = await this.select<{ id: number | string }>(
      tx,
      `${parts.join(' UNION ALL ')} ORDER BY id LIMIT ?`,
      [...statuses.flatMap((status): SqlValue[] => [accountId, status, after, limit]), limit],
    );
    if (found.length === 0) return [];
    const rows = await this.select<RawSend>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages${this.dialect.byPrimaryKey} WHERE account_id = ? AND id IN (${placeholders(found.length)}) ORDER BY id`,
      [accountId, ...found.map((row) => Number(row.id))],
    );
    return rows.map((row) => this.read(row));
  }

  async summarize(tx: Tx, accountId: string, status: OutboxStatus): Promise<StatusSummary> {
    const [counted] = await this.select<{ count: number | string }>(
      tx,
      `SELECT COUNT(*) AS count FROM (SELECT id FROM outbox_messages${this.dialect.along(OLDEST_FIRST)} WHERE account_id = ? AND status = ? LIMIT ?) counted`,
      [accountId, status, COUNTED_UP_TO],
    );
    const [oldest] = await this.select<{ created_at: unknown }>(
      tx,
      `SELECT created_at FROM outbox_messages${this.dialect.along(OLDEST_FIRST)} WHERE account_id = ? AND status = ? ORDER BY id LIMIT 1`,
      [accountId, status],
    );
    return { count: Number(counted?.count ?? 0), oldestAt: this.dialect.readTime(oldest?.created_at) };
  }

  private read(row: RawSend): LoggedSend {
    const { dialect } = this;
    return {
      id: Number(row.id),
      messageId: row.message_id,
      conversationId: row.conversation_id,
      source: row.source,
      status: row.status,
      attempts: Number(row.attempts),
      nextAttemptAt: dialect.readTime(row.next_attempt_at) ?? new Date(0),
      attemptedAt: dialect.readTime(row.attempted_at),
      sendBefore: dialect.readTime(row.send_before),
      error: row.error,
      createdAt: dialect.readTime(row.created_at) ?? new Date(0),
    };
  }
}

interface RawSend {
  readonly id: number | string;
  readonly message_id: string;
  readonly conversation_id: string;
  readonly source: OutboxSource;
  readonly status: OutboxStatus;
  readonly attempts: number | string;
  readonly next_attempt_at: unknown;
  readonly attempted_at: unknown;
  readonly send_before: unknown;
  readonly error: string | null;
  readonly created_at: unknown;
}
