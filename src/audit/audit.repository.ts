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

  /** Newest first. */
  async list(tx: Tx, filter: AuditFilter): Promise<AuditRow[]> {
    const where: string[] = [];
    const parameters: SqlValue[] = [];
    if (filter.accountIds !== null) {
      if (filter.accountIds.length === 0) return [];
      where.push(`account_id IN (${placeholders(filter.accountIds.length)})`);
      parameters.push(...filter.accountIds);
    }
    if (filter.action !== null) {
      where.push('action = ?');
      parameters.push(filter.action);
    }
    if (filter.before !== null) {
      where.push('id < ?');
      parameters.push(filter.before);
    }
    const condition = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
    const rows = await this.select<RawRow>(
      tx,
      `SELECT id, at, actor, action, account_id, target, changes, request_id FROM audit_log ${condition} ORDER BY id DESC LIMIT ?`,
      [...parameters, filter.limit],
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
