import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import type { RequestContext } from '../common/request-context.js';
import type { Tx } from '../database/index.js';
import { AuditRepository, type AuditPage } from './audit.repository.js';
import { withoutPerson, type AuditedPerson } from './without-person.js';

export interface AuditedChange {
  /** `account.create`, `rule.update`, …: the thing, then the verb. At most 60 characters. */
  readonly action: string;
  readonly accountId: string | null;
  /** What was changed, as `rule:17`. */
  readonly target: string;
  /** Field names with their new values; for a secret the word `changed`, never the value. */
  readonly changes: Readonly<Record<string, unknown>>;
}

/** Writes the audit entry in the transaction of the change itself: both commit, or neither. */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly entries: AuditRepository,
    private readonly clock: Clock,
  ) {}

  async record(tx: Tx, ctx: RequestContext, change: AuditedChange): Promise<void> {
    await this.entries.insert(tx, {
      at: this.clock.now(),
      actor: ctx.principal.actor,
      action: change.action,
      accountId: change.accountId,
      target: change.target.slice(0, 255),
      changes: JSON.stringify(change.changes),
      requestId: ctx.requestId,
    });
  }

  /** The last entry of the account; 0 where there is none. */
  async newestId(tx: Tx, accountId: string): Promise<number> {
    return (await this.entries.findNewestId(tx, accountId)) ?? 0;
  }

  /**
   * Takes a person's ids out of the entries of a page, which say what was done all the same.
   * @returns behind which entry the next page begins; null: this was the last one
   */
  async forgetPerson(tx: Tx, accountId: string, person: AuditedPerson, page: AuditPage): Promise<number | null> {
    const rows = await this.entries.listFrom(tx, accountId, page);
    for (const { id, target, changes } of rows) {
      const without = withoutPerson({ target, changes: JSON.parse(changes) as Record<string, unknown> }, person);
      if (without) await this.entries.rewrite(tx, accountId, { id, target: without.target, changes: JSON.stringify(without.changes) });
    }
    return rows.length < page.limit ? null : (rows.at(-1)?.id ?? null);
  }
}
