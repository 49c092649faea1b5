import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import type { RequestContext } from '../common/request-context.js';
import type { Tx } from '../database/index.js';
import { AuditRepository } from './audit.repository.js';

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
}
