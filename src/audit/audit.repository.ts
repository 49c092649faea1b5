import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type SqlValue, type Tx } from '../database/index.js';
import { AuditEntity } from './audit.entity.js';

export interface AuditFilter {
  /** Only these accounts; null: all, and the entries that concern none. */
  readonly accountIds: readonly string[] | null;
  readonly action: string | null;
  /** Entries older than this one. */
  readonly before: number | null;
  readonly limit: number;
}

/** Entries of one account, by their ids. */
export interface AuditPage {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

/** Far below what SQLite puts together in one statement. */
const PARTS_AT_ONCE = 100;

export type AuditRow = Omit<AuditEntity, 'at'> & { readonly at: Date };

@Injectable()
export class AuditRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async insert(tx: Tx, entry: Omit<AuditRow, 'id'>): Promise<void> {
    await this.insertRows(
      tx,
      'audit_log',
      ['at', 'actor', 'action', 'account_id', 'target', 'changes', 'request_id'],
      [[this.dialect.time(entry.at), entry.actor, entry.action, entry.accountId, entry.target, entry.changes, entry.requestId]],
    );
  }

  /** Null: the account has no entries. */
  async findNewestId(tx: Tx, accountId: string): Promise<number | null> {
    const [row] = await this.select<{ id: number | string }>(
      tx, `SELECT id FROM audit_log${this.dialect.along('ix_audit_account')} WHERE account_id = ? ORDER BY id DESC LIMIT 1`, [accountId],
    );
    return row ? Number(row.id) : null;
  }

  /** Entries of the account behind `after`, oldest first. */
  async listFrom(tx: Tx, accountId: string, { after, upTo, limit }: AuditPage): Promise<Pick<AuditRow, 'id' | 'target' | 'changes'>[]> {
    const rows = await this.select<Pick<RawRow, 'id' | 'target' | 'changes'>>(
      tx,
      `SELECT id, target, changes FROM audit_log${this.dialect.along('ix_audit_account')} WHERE account_id = ? AND id > ? AND id <= ?
       ORDER BY id LIMIT ?`,
      [accountId, after, upTo, limit],
    );
    return rows.map((row) => ({ ...row, id: Number(row.id) }));
  }

  async rewrite(tx: Tx, accountId: string, { id, target, changes }: Pick<AuditRow, 'id' | 'target' | 'changes'>): Promise<void> {
    await this.execute(tx, 'UPDATE audit_log SET target = ?, changes = ? WHERE account_id = ? AND id = ?', [target, changes, accountId, id]);
  }

  /** Newest first. */
  async list(tx: Tx, filter: AuditFilter): Promise<AuditRow[]> {
    const ids = await this.listIds(tx, filter);
    if (ids.length === 0) return [];
    // Afterwards: what is left out of a merged page must not have been read with its changes.
    const rows = await this.select<RawRow>(
      tx,
      `SELECT id, at, actor, action, account_id, target, changes, request_id FROM audit_log${this.dialect.byPrimaryKey}
       WHERE id IN (${placeholders(ids.length)}) ORDER BY id DESC`,
      ids,
    );
    return rows.map((row) => ({
      id: Number(row.id),
      at: this.dialect.readTime(row.at) ?? new Date(0),
      actor: row.actor,
      action: row.action,
      accountId: row.account_id,
      target: row.target,
      changes: row.changes,
      requestId: row.request_id,
    }));
  }

  /**
   * Each account is a range of one index, entered at the cursor, and the ranges are merged. Left to themselves, servers read
   * through what others did, through all of an account that did nothing lately, or down to the cursor from the newest entry.
   */
  private async listIds(tx: Tx, { accountIds, action, before, limit }: AuditFilter): Promise<number[]> {
    const index = accountIds === null ? 'ix_audit_action' : action === null ? 'ix_audit_account' : 'ix_audit_account_action';
    // With neither, it is the primary key's own order.
    const from = `audit_log${accountIds === null && action === null ? '' : this.dialect.along(index)}`;
    const conditions: readonly (readonly [string, SqlValue])[] = [
      ...(action === null ? [] : [['action = ?', action] as const]),
      ...(before === null ? [] : [['id < ?', before] as const]),
    ];
    const ids: number[] = [];
    const accounts = accountIds === null ? [null] : [...new Set(accountIds)];
    for (let first = 0; first < accounts.length; first += PARTS_AT_ONCE) {
      const parts = accounts.slice(first, first + PARTS_AT_ONCE)
        .map((account) => (account === null ? conditions : [['account_id = ?', account] as const, ...conditions]));
      const found = await this.select<{ id: number | string }>(
        tx,
        `${parts.map((part, i) => `SELECT id FROM (SELECT id FROM ${from} ${part.length === 0 ? '' : `WHERE ${part.map(([sql]) => sql).join(' AND ')}`}
         ORDER BY id DESC LIMIT ?) part${String(i)}`).join(' UNION ALL ')} ORDER BY id DESC LIMIT ?`,
        [...parts.flatMap((part) => [...part.map(([, value]) => value), limit]), limit],
      );
      ids.push(...found.map((row) => Number(row.id)));
    }
    return ids.sort((a, b) => b - a).slice(0, limit);
  }
}

interface RawRow {
  id: number | string;
  at: unknown;
  actor: string;
  action: string;
  account_id: string | null;
  target: string;
  changes: string;
  request_id: string | null;
}
