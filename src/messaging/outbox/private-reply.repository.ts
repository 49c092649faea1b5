import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type Tx } from '../../database/index.js';
import { dedupeKeyOf } from '../inbox/parsing/dedupe-key.js';
import { laneOf } from '../lanes.js';

export interface StoredComment {
  /** The event's payload, as it came. */
  readonly payload: string;
  readonly occurredAt: Date;
}

/** Comments as the inbox keeps them, and what has been answered to them. */
@Injectable()
export class PrivateReplyRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async findComment(tx: Tx, accountId: string, commentId: string): Promise<StoredComment | null> {
    const [row] = await this.select<{ payload: string; occurred_at: unknown }>(
      tx,
      'SELECT payload, occurred_at FROM webhook_events WHERE account_id = ? AND dedupe_key = ?',
      [accountId, dedupeKeyOf('comment', { value: { id: commentId, from: { id: 'whoever' } } }, '')],
    );
    return row ? { payload: row.payload, occurredAt: this.dialect.readTime(row.occurred_at) ?? new Date(0) } : null;
  }

  /** Waits for the conversation's lane: a conversation that does not exist yet has no row that could be locked. */
  async lockLane(tx: Tx, conversationId: string): Promise<void> {
    await this.select(tx, `SELECT lane FROM inbox_lanes WHERE lane = ?${this.dialect.forUpdate}`, [laneOf(conversationId)]);
  }

  /** Whether a private reply to the comment waits, or has gone out. One that failed does not count. */
  async isAnswered(tx: Tx, accountId: string, conversationId: string, commentId: string): Promise<boolean> {
    const rows = await this.select<{ details: string }>(
      tx,
      `SELECT details FROM messages WHERE account_id = ? AND conversation_id = ? AND direction = 'outbound' AND status <> 'failed'
       AND details LIKE ?`,
      [accountId, conversationId, `%"commentId":%${commentId}%`],
    );
    return rows.some(({ details }) => (JSON.parse(details) as { commentId?: string }).commentId === commentId);
  }
}
