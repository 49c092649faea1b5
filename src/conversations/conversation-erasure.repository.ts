import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../database/index.js';
import type { ConversationRow } from './conversation.js';
import { ConversationRepository } from './conversation.repository.js';

/** An erasure that has begun. */
export interface Erasure {
  readonly accountId: string;
  readonly conversationId: string;
  /** From then on the conversation counts as new, which also tells this erasure from a later one. */
  readonly begunAt: Date;
  /** The place of its last message then: what stands behind it has come since, and stays. */
  readonly upTo: number;
}

/** Takes a conversation and its messages out of the database. */
@Injectable()
export class ConversationErasureRepository extends SqlRepository {
  constructor(
    dialect: Dialect,
    private readonly conversations: ConversationRepository,
  ) {
    super(dialect);
  }

  /** Leaves the ids and the opt-out, and nothing else, in its row. The caller has locked it. */
  async begin(tx: Tx, row: ConversationRow, now: Date): Promise<Erasure> {
    const begunAt = new Date(Math.max(now.getTime(), row.createdAt.getTime() + 1));
    await this.clear(tx, row, row.messageCount, begunAt);
    return { accountId: row.accountId, conversationId: row.id, begunAt, upTo: row.messageCount };
  }

  /** Locks the conversation. False: a later erasure has begun, or it is gone. */
  async lockBegun(tx: Tx, { accountId, conversationId, begunAt }: Erasure): Promise<boolean> {
    const [row] = await this.select<{ created_at: unknown }>(
      tx, `SELECT created_at FROM conversations WHERE account_id = ? AND id = ?${this.dialect.forUpdate}`, [accountId, conversationId],
    );
    return this.dialect.readTime(row?.created_at)?.getTime() === begunAt.getTime();
  }

  /** Messages that go, those without a place (0) first. `from` spares a server what it has deleted before, and not yet cleared away. */
  async listMessages(tx: Tx, { accountId, conversationId, upTo }: Erasure, from: number, limit: number): Promise<{ id: string; position: number }[]> {
    const rows = await this.select<{ id: string; position: number | string }>(
      tx,
      `SELECT id, position FROM messages${this.dialect.along('ix_messages_conversation')}
       WHERE account_id = ? AND conversation_id = ? AND position >= ? AND position <= ? ORDER BY position LIMIT ?`,
      [accountId, conversationId, from, upTo, limit],
    );
    return rows.map((row) => ({ id: row.id, position: Number(row.position) }));
  }

  async deleteMessages(tx: Tx, accountId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.execute(
      tx, `${this.dialect.deleteByTextKey('messages')} WHERE account_id = ? AND id IN (${placeholders(ids.length)})`, [accountId, ...ids],
    );
  }

  /** Whether messages that had a place in it when this began are still there. */
  async hasMessages(tx: Tx, { accountId, conversationId, upTo }: Erasure): Promise<boolean> {
    const rows = await this.select(
      tx, 'SELECT id FROM messages WHERE account_id = ? AND conversation_id = ? AND position > 0 AND position <= ? LIMIT 1', [accountId, conversationId, upTo],
    );
    return rows.length > 0;
  }

  /** Its messages are gone. The row goes with them, unless it keeps an opt-out, or the conversation has begun anew since. The caller holds its lock. */
  async finish(tx: Tx, { accountId, conversationId, upTo, begunAt }: Erasure): Promise<void> {
    const row = await this.conversations.find(tx, accountId, conversationId);
    if (!row) return;
    if (hasBegunAnew(row, upTo)) {
      // Places and the count are one sequence, from 1.
      await this.execute(
        tx, 'UPDATE messages SET position = position - ? WHERE account_id = ? AND conversation_id = ? AND position > ?', [upTo, accountId, conversationId, upTo],
      );
      await this.execute(tx, 'UPDATE conversations SET message_count = message_count - ? WHERE account_id = ? AND id = ?', [upTo, accountId, conversationId]);
    } else if (row.optedOut) {
      // Again: the name may have been looked up since.
      await this.clear(tx, row, 0, begunAt);
    } else {
      await this.execute(tx, 'DELETE FROM conversations WHERE account_id = ? AND id = ?', [accountId, conversationId]);
    }
  }

  private async clear(tx: Tx, { accountId, id }: ConversationRow, messageCount: number, at: Date): Promise<void> {
    await this.execute(
      tx,
      `UPDATE conversations SET participant_username = NULL, participant_name = NULL, profile_checked_at = NULL, last_message_at = NULL,
       last_inbound_at = NULL, window_closes_at = NULL, message_count = ?, automation_paused = 0, automation_paused_until = NULL,
       automation_reason = NULL, takeover_until = NULL, automatic_turns = 0, automatic_turns_since = NULL,
       consent_changed_at = CASE WHEN opted_out <> 0 THEN consent_changed_at END, created_at = ?, updated_at = ?
       WHERE account_id = ? AND id = ?`,
      [messageCount, this.dialect.time(at), this.dialect.time(at), accountId, id],
    );
  }
}

/** Somebody has written, acted or paused it since it was cleared. */
function hasBegunAnew(row: ConversationRow, upTo: number): boolean {
  return row.messageCount > upTo || row.lastMessageAt !== null || row.lastInboundAt !== null || row.windowClosesAt !== null ||
    row.automationPaused || row.takeoverUntil !== null;
}
