export interface AuditEntry {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly accountId: string | null;
  readonly target: string;
  readonly changes: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;
}

/** What a use case tells of a change; who and when are added by the trail. */
export interface AuditedChange {
  /** `<noun>.<verb>`, such as `account.update`. */
  readonly action: string;
  /** Null where the change belongs to no account (API keys). */
  readonly accountId: string | null;
  /** What was changed, such as `account:17841400000000001` or `rule:12`. */
  readonly target: string;
  /** Changed fields by name. A secret field's value is `'changed'`, never the secret. */
  readonly changes: Record<string, unknown>;
}

export interface AuditFilter {
  /** Only these accounts, and nothing that belongs to no account. Null: everything. */
  readonly accountIds: readonly string[] | null;
  readonly action: string | undefined;
  /** Entries older than the one with this id. */
  readonly before: number | undefined;
  readonly limit: number;
}
