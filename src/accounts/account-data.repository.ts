import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../database/index.js';

/**
 * Everything an account owns, in the order in which it goes, and the column by which a piece of it is named. What makes
 * work goes first, so that nothing is sent for an account that is being deleted. The audit trail stays.
 */
export const ACCOUNT_TABLES = {
  outbox_messages: 'id',
  failed_sends: 'message_id',
  account_care: 'account_id',
  webhook_events: 'id',
  rule_cooldowns: 'conversation_id',
  response_rules: 'id',
  rule_sets: 'account_id',
  idempotency_keys: 'key_hash',
  early_changes: 'external_key',
  messages: 'id',
  conversations: 'id',
} as const;

export type AccountTable = keyof typeof ACCOUNT_TABLES;

/** Those whose primary key is a number. */
const NUMBERED: ReadonlySet<AccountTable> = new Set(['outbox_messages', 'webhook_events', 'response_rules']);

/** Removes what an account owns. The names of these tables and columns are all this module knows of other modules. */
@Injectable()
export class AccountDataRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async listDeleted(tx: Tx): Promise<string[]> {
    const rows = await this.select<{ id: string }>(
      tx,
      'SELECT id FROM instagram_business_accounts WHERE deleted_at IS NOT NULL ORDER BY deleted_at',
    );
    return rows.map((row) => row.id);
  }

  /**
   * Deletes about `limit` rows of an account that is marked as deleted. The mark is looked at each time: another instance may
   * have come to the end meanwhile, and somebody may have added the account anew, whose rows these are then.
   * @returns whether there may be more
   */
  async deletePiece(tx: Tx, accountId: string, table: AccountTable, limit: number): Promise<boolean> {
    return (await this.isMarked(tx, accountId, this.dialect.forShare)) && (await this.deleteRows(tx, accountId, table, limit));
  }

  /** Their keys are read first: a DELETE with LIMIT exists on MySQL only, and one with a subquery is slow on MariaDB. */
  private async deleteRows(tx: Tx, accountId: string, table: AccountTable, limit: number): Promise<boolean> {
    const key = ACCOUNT_TABLES[table];
    const rows = await this.select<{ piece: string | number }>(
      tx,
      `SELECT ${key} AS piece FROM ${table} WHERE account_id = ? LIMIT ?`,
      [accountId, limit],
    );
    if (rows.length === 0) return false;
    const keys = [...new Set(rows.map((row) => row.piece))];
    const remove = NUMBERED.has(table) ? this.dialect.deleteByPrimaryKey(table) : this.dialect.deleteByTextKey(table);
    await this.execute(
      tx,
      `${remove} WHERE account_id = ? AND ${key} IN (${placeholders(keys.length)})`,
      [accountId, ...keys],
    );
    return rows.length === limit;
  }

  /**
   * Deletes the account's row, and what was written for it since its tables were emptied: its lock keeps out whatever
   * would come later, since a new child row needs the parent's. So even a writer that never rests is outrun.
   * @returns false when more than `limit` rows of a table came meanwhile
   */
  async deleteEmptied(tx: Tx, accountId: string, limit: number): Promise<boolean> {
    if (!(await this.isMarked(tx, accountId, this.dialect.forUpdate))) return true; // another instance was faster
    for (const table of Object.keys(ACCOUNT_TABLES) as AccountTable[]) {
      if (await this.deleteRows(tx, accountId, table, limit)) return false;
    }
    await this.execute(tx, 'DELETE FROM instagram_business_accounts WHERE id = ?', [accountId]);
    return true;
  }

  private async isMarked(tx: Tx, accountId: string, locking: string): Promise<boolean> {
    const rows = await this.select(
      tx,
      `SELECT id FROM instagram_business_accounts WHERE id = ? AND deleted_at IS NOT NULL${locking}`,
      [accountId],
    );
    return rows.length > 0;
  }
}
