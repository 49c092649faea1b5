import type { Page } from '../common/pagination.js';
import type { AuditEntry } from './audit-entry.js';

export class AuditEntryResponse {
  /** @example 42 */
  id!: string;

  /** @example 2026-01-31T12:00:00.000Z */
  at!: string;

  /**
   * Who did it: an API key by name, `cli` or `system`.
   * @example api-key:back office
   */
  actor!: string;

  /** @example account.update */
  action!: string;

  /**
   * Null where the change belongs to no account.
   * @example 17841400000000001
   */
  accountId!: string | null;

  /** @example account:17841400000000001 */
  target!: string;

  /**
   * The changed fields by name; of a secret only that it changed.
   * @example { "accessToken": "changed" }
   */
  changes!: Record<string, unknown>;

  /** The `X-Request-Id` of the request. */
  requestId!: string | null;

  static from(entry: AuditEntry): AuditEntryResponse {
    return { ...entry, id: String(entry.id), at: entry.at.toISOString() };
  }
}

export class AuditPageResponse {
  items!: AuditEntryResponse[];

  /** Pass as `cursor` to get the next page; null at the end. */
  nextCursor!: string | null;

  static from(page: Page<AuditEntry>): AuditPageResponse {
    return { items: page.items.map((entry) => AuditEntryResponse.from(entry)), nextCursor: page.nextCursor };
  }
}
