import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../../database/index.js';

/** What a row is named by within its account, and its age. */
const AGED = {
  idempotency_keys: { key: 'key_hash', at: 'created_at' },
  failed_sends: { key: 'message_id', at: 'failed_at' },
} as const;

/** Tables that grow with traffic and are cleared by age. */
export type AgingTable = 'webhook_events' | 'early_changes' | keyof typeof AGED;

const SETTLED = ['processed', 'ignored', 'dead'] as const;
/** Of more, MariaDB reads a table of some hundreds instead, and waits for rows that others are writing. */
const MESSAGES_AT_ONCE = 100;

/** Removing what is old, in pieces: keys are read first, since DELETE with LIMIT exists on MySQL only. */
@Injectable()
export class RetentionRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** The next account, by id, with rows in the table; null after the last. One probe into an index. */
  async findNextAccount(tx: Tx, table: AgingTable, afterId: string): Promise<string | null> {
    const [row] = await this.select<{ next: string | null }>(
      tx, `SELECT MIN(account_id) AS next FROM ${table} WHERE account_id > ?`, [afterId],
    );
    return row?.next ?? null;
  }

  /** @returns whether there may be more */
  async deleteSettledEvents(tx: Tx, accountId: string, before: Date, limit: number): Promise<boolean> {
    let more = false;
    for (const status of SETTLED) {
      // By id: an index range, and ids grow with the time of receipt. The first younger one ends it. (Left to themselves, servers
      // look for them by the primary key, through all that was received before this account's first one.)
      const oldest = await this.select<{ id: number | string; received_at: unknown }>(
        tx,
        `SELECT id, received_at FROM webhook_events${this.dialect.along('ix_webhook_events_status')}
         WHERE account_id = ? AND status = ? ORDER BY id LIMIT ?`,
        [accountId, status, limit],
      );
      const ids = oldest.filter((row) => (this.dialect.readTime(row.received_at) ?? before) < before).map((row) => Number(row.id));
      if (ids.length === 0) continue;
      await this.execute(
        tx,
        `${this.dialect.deleteByPrimaryKey('webhook_events')} WHERE account_id = ? AND id IN (${placeholders(ids.length)}) AND pending_lane IS NULL`,
        [accountId, ...ids],
      );
      more ||= ids.length === limit;
    }
    return more;
  }

  async deleteAged(tx: Tx, table: keyof typeof AGED, accountId: string, before: Date, limit: number): Promise<boolean> {
    const { key, at } = AGED[table];
    const rows = await this.select<{ aged: string }>(
      tx,
      `SELECT ${key} AS aged FROM ${table} WHERE account_id = ? AND ${at} < ? ORDER BY ${at} LIMIT ?`,
      [accountId, this.dialect.time(before), limit],
    );
    if (rows.length > 0) {
      await this.execute(
        tx, `DELETE FROM ${table} WHERE account_id = ? AND ${key} IN (${placeholders(rows.length)})`, [accountId, ...rows.map((row) => row.aged)],
      );
    }
    return rows.length === limit;
  }

  /** Changes whose message never came. */
  async deleteEarlyChanges(tx: Tx, accountId: string, before: Date, limit: number): Promise<boolean> {
    const rows = await this.select<{ external_key: string }>(
      tx,
      'SELECT external_key FROM early_changes WHERE account_id = ? AND created_at < ? ORDER BY created_at LIMIT ?',
      [accountId, this.dialect.time(before), limit],
    );
    // By message and age: of two lists of keys, servers look up every combination. What else of these messages is as old goes with them.
    const messages = [...new Set(rows.map((row) => row.external_key))];
    for (let from = 0; from < messages.length; from += MESSAGES_AT_ONCE) {
      const piece = messages.slice(from, from + MESSAGES_AT_ONCE);
      await this.execute(
        tx,
        `${this.dialect.deleteByTextKey('early_changes')} WHERE account_id = ? AND external_key IN (${placeholders(piece.length)}) AND created_at < ?`,
        [accountId, ...piece, this.dialect.time(before)],
      );
    }
    return rows.length === limit;
  }

  async deleteUnroutedEvents(tx: Tx, before: Date, limit: number): Promise<boolean> {
    const rows = await this.select<{ id: number | string }>(
      tx, 'SELECT id FROM unrouted_events WHERE received_at < ? ORDER BY received_at LIMIT ?', [this.dialect.time(before), limit],
    );
    if (rows.length > 0) {
      await this.execute(
        tx, `DELETE FROM unrouted_events WHERE id IN (${placeholders(rows.length)})`, rows.map((row) => Number(row.id)),
      );
    }
    return rows.length === limit;
  }
}
