import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../../database/index.js';
import { NO_ANSWER } from '../inbox/inbox-event.js';
import { laneOf } from '../lanes.js';

export const SETTLED = ['processed', 'ignored', 'dead'] as const;
export type SettledStatus = (typeof SETTLED)[number];

/** An event that may be of the conversation. */
export interface SettledEventRow {
  readonly id: number;
  readonly kind: string;
  /** Null: it names no person. */
  readonly conversationId: string | null;
  /** Of what may tell of a change of a message; else null. */
  readonly payload: string | null;
}

export interface EventPage {
  readonly status: SettledStatus;
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

/** Kinds that change a message: they may name it and no person, and may wait for it. */
const OF_MESSAGES = "('edit', 'read', 'unsend', 'reaction', 'standby')";
/** No edit or reaction comes near; a page of them must fit into memory. */
const LARGEST_READ = 64 * 1024;
const ERASED_DECISION = JSON.stringify(NO_ANSWER('it was erased with its conversation'));

/** The inbox, where a conversation is taken out of it. There is no index by conversation: every delivery would pay for it. */
@Injectable()
export class ErasedEventRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Whether an event is still to be applied that is of the conversation, or may be, since it names no person. */
  async isWaiting(tx: Tx, accountId: string, conversationId: string): Promise<boolean> {
    const named = await this.select(
      tx,
      `SELECT id FROM webhook_events${this.dialect.along('ix_webhook_events_pending')}
       WHERE pending_lane = ? AND account_id = ? AND conversation_id = ? LIMIT 1`,
      [laneOf(conversationId), accountId, conversationId],
    );
    if (named.length > 0) return true;
    const nameless = await this.select(
      tx,
      `SELECT id FROM webhook_events${this.dialect.along('ix_webhook_events_status')}
       WHERE account_id = ? AND status = 'pending' AND conversation_id IS NULL LIMIT 1`,
      [accountId],
    );
    return nameless.length > 0;
  }

  /** The last settled event of the account; 0 where there is none. */
  async newestId(tx: Tx, accountId: string): Promise<number> {
    const from = `webhook_events${this.dialect.along('ix_webhook_events_status')}`;
    const rows = await this.select<{ id: number | string }>(
      tx,
      `${SETTLED.map((_, i) => `SELECT id FROM (SELECT id FROM ${from} WHERE account_id = ? AND status = ? ORDER BY id DESC LIMIT 1) part${String(i)}`).join(' UNION ALL ')}
       ORDER BY id DESC LIMIT 1`,
      SETTLED.flatMap((status) => [accountId, status]),
    );
    return Number(rows[0]?.id ?? 0);
  }

  /** Settled events of the account, oldest first. */
  async listSettled(tx: Tx, accountId: string, conversationId: string, { status, after, upTo, limit }: EventPage): Promise<SettledEventRow[]> {
    const rows = await this.select<{ id: number | string; kind: string; conversation_id: string | null; payload: string | null }>(
      tx,
      `SELECT id, kind, conversation_id,
       CASE WHEN (conversation_id IS NULL OR conversation_id = ?) AND kind IN ${OF_MESSAGES} AND LENGTH(payload) <= ${String(LARGEST_READ)} THEN payload END AS payload
       FROM webhook_events${this.dialect.along('ix_webhook_events_status')}
       WHERE account_id = ? AND status = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?`,
      [conversationId, accountId, status, after, upTo, limit],
    );
    return rows.map((row) => ({ id: Number(row.id), kind: row.kind, conversationId: row.conversation_id, payload: row.payload }));
  }

  /**
   * Leaves of them that they came, and their keys, which are hashes: what Meta delivers once more must not come back. One
   * that waits to be applied again stays as it is.
   */
  async strip(tx: Tx, accountId: string, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.execute(
      tx,
      `UPDATE webhook_events${this.dialect.byPrimaryKey} SET conversation_id = NULL, payload = '{}', error = NULL, decision = ?
       WHERE account_id = ? AND id IN (${placeholders(ids.length)}) AND pending_lane IS NULL`,
      [ERASED_DECISION, accountId, ...ids],
    );
  }
}
