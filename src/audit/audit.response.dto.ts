import type { AuditRow } from './audit.repository.js';

export class AuditEntryDto {
  /** @example '42' */
  id!: string;
  /** @example '2026-11-23T09:00:00.000Z' */
  at!: string;
  /** @example 'api-key:shop assistant' */
  actor!: string;
  /** @example 'rule.create' */
  action!: string;
  /** Null where no account is concerned. */
  accountId!: string | null;
  /** @example 'rule:17' */
  target!: string;
  /** Fields with their new values; secrets are only named. */
  changes!: Record<string, unknown>;
  /** The `requestId` of the call. */
  requestId!: string | null;

  static from(row: AuditRow): AuditEntryDto {
    return Object.assign(new AuditEntryDto(), {
      ...row,
      id: String(row.id),
      at: row.at.toISOString(),
      changes: JSON.parse(row.changes) as Record<string, unknown>,
    });
  }
}

export class AuditPageDto {
  items!: AuditEntryDto[];
  /** Null at the end. */
  nextCursor!: string | null;
}
