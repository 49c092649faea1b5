import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../../database/index.js';
import { dedupeKeyOf } from '../inbox/parsing/dedupe-key.js';
import { groupBy } from '../group-by.js';
import { laneOf } from '../lanes.js';

export interface StoredComment {
  /** The event's payload, as it came. */
  readonly payload: string;
  readonly occurredAt: Date;
}

/** A comment, and the conversation of who wrote it. */
export interface CommentOf {
  readonly accountId: string;
  readonly conversationId: string;
  readonly commentId: string;
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

  /** Which of these have a private reply that waits, or has gone out. One that failed does not count. Of each conversation all that was sent is read. */
  async findAnswered(tx: Tx, comments: readonly CommentOf[]): Promise<CommentOf[]> {
    const answered = new Set<string>();
    for (const [accountId, group] of groupBy(comments, (comment) => comment.accountId)) {
      const conversations = [...new Set(group.map((comment) => comment.conversationId))];
      const rows = await this.select<{ details: string }>(
        tx,
        `SELECT details FROM messages${this.dialect.along('ix_messages_conversation')}
         WHERE account_id = ? AND conversation_id IN (${placeholders(conversations.length)}) AND direction = 'outbound' AND status <> 'failed' AND details LIKE ?`,
        [accountId, ...conversations, '%"commentId":%'],
      );
      for (const { details } of rows) answered.add(`${accountId} ${String((JSON.parse(details) as { commentId?: string }).commentId)}`);
    }
    return comments.filter(({ accountId, commentId }) => answered.has(`${accountId} ${commentId}`));
  }
}
