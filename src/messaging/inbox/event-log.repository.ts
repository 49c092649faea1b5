import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type Tx } from '../../database/index.js';
import { laneOf } from '../lanes.js';

export const EVENT_STATUSES = ['pending', 'processed', 'ignored', 'dead'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** An event as people look at it. */
export interface LoggedEvent {
  readonly id: number;
  readonly kind: string;
  readonly conversationId: string | null;
  readonly status: EventStatus;
  readonly attempts: number;
  readonly error: string | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly processedAt: Date | null;
  readonly payload: string;
  readonly decision: string | null;
}

export interface LoggedUnroutedEvent {
  readonly id: number;
  readonly kind: string;
  readonly reason: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly payload: string;
}

const SELECTED = `id, kind, conversation_id, status, attempts, error, occurred_at, received_at, processed_at, payload, decision`;

/** Looking at events, and bringing one back. */
@Injectable()
export class EventLogRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Newest first. Each status is a range of one index; without a status, the ranges are merged. */
  async list(tx: Tx, accountId: string, status: EventStatus | undefined, before: number | undefined, limit: number): Promise<LoggedEvent[]> {
    const statuses = status === undefined ? EVENT_STATUSES : [status];
    // Ids first: what is left out of the merged page must not have been read with its payload. Named, the index is entered at
    // the cursor: where much of the list lies behind it, MariaDB walks there from the newest one.
    const from = `webhook_events${this.dialect.along('ix_webhook_events_status')}`;
    const found = await this.select<{ id: number | string }>(
      tx,
      `${statuses.map((_, i) => `SELECT id FROM (SELECT id FROM ${from} WHERE account_id = ? AND status = ?
       ${before === undefined ? '' : 'AND id < ?'} ORDER BY id DESC LIMIT ?) part${String(i)}`).join(' UNION ALL ')}
       ORDER BY id DESC LIMIT ?`,
      [...statuses.flatMap((name) => [accountId, name, ...(before === undefined ? [] : [before]), limit]), limit],
    );
    if (found.length === 0) return [];
    const rows = await this.select<RawEvent>(
      tx,
      `SELECT ${SELECTED} FROM webhook_events${this.dialect.byPrimaryKey} WHERE account_id = ? AND id IN (${found.map(() => '?').join(', ')}) ORDER BY id DESC`,
      [accountId, ...found.map((row) => Number(row.id))],
    );
    return rows.map((row) => this.read(row));
  }

  async find(tx: Tx, accountId: string, id: number): Promise<LoggedEvent | null> {
    const [row] = await this.select<RawEvent>(
      tx, `SELECT ${SELECTED} FROM webhook_events WHERE id = ? AND account_id = ?`, [id, accountId],
    );
    return row ? this.read(row) : null;
  }

  /** Lets a settled event be applied again. False: it is not settled (any more). */
  async markPendingAgain(tx: Tx, accountId: string, id: number, laneKey: string): Promise<boolean> {
    const changed = await this.execute(
      tx,
      `UPDATE webhook_events SET status = 'pending', pending_lane = ?, attempts = 0, next_attempt_at = NULL, error = NULL, processed_at = NULL
       WHERE id = ? AND account_id = ? AND pending_lane IS NULL`,
      [laneOf(laneKey), id, accountId],
    );
    return changed === 1;
  }

  /** Newest first; of no account, so for administrators. */
  async listUnrouted(tx: Tx, before: number | undefined, limit: number): Promise<LoggedUnroutedEvent[]> {
    const rows = await this.select<RawUnrouted>(
      tx,
      `SELECT id, kind, reason, occurred_at, received_at, payload FROM unrouted_events
       ${before === undefined ? '' : 'WHERE id < ?'} ORDER BY id DESC LIMIT ?`,
      before === undefined ? [limit] : [before, limit],
    );
    return rows.map((row) => ({ ...row, id: Number(row.id), occurredAt: this.time(row.occurred_at), receivedAt: this.time(row.received_at) }));
  }

  private read(row: RawEvent): LoggedEvent {
    return {
      id: Number(row.id),
      kind: row.kind,
      conversationId: row.conversation_id,
      status: row.status,
      attempts: Number(row.attempts),
      error: row.error,
      occurredAt: this.time(row.occurred_at),
      receivedAt: this.time(row.received_at),
      processedAt: this.dialect.readTime(row.processed_at),
      payload: row.payload,
      decision: row.decision,
    };
  }

  private time(value: unknown): Date {
    return this.dialect.readTime(value) ?? new Date(0);
  }
}

interface RawEvent {
  readonly id: number | string;
  readonly kind: string;
  readonly conversation_id: string | null;
  readonly status: EventStatus;
  readonly attempts: number | string;
  readonly error: string | null;
  readonly occurred_at: unknown;
  readonly received_at: unknown;
  readonly processed_at: unknown;
  readonly payload: string;
  readonly decision: string | null;
}

interface RawUnrouted {
  readonly id: number | string;
  readonly kind: string;
  readonly reason: string;
  readonly occurred_at: unknown;
  readonly received_at: unknown;
  readonly payload: string;
}
