import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { TransactionRunner } from '../../database/index.js';
import { decideOutcome } from './decide-outcome.js';
import { nextLookupAt } from './delivery.policy.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeWriter } from './outcome.writer.js';

const AT_ONCE = 200;

/** What a process left behind when it died: sends it had claimed and not recorded (sending → uncertain), and look-ups. */
@Injectable()
export class MarkLostSends {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly writer: OutcomeWriter,
    private readonly clock: Clock,
  ) {}

  /** @param everybodyElseIsDead true at the start of the only process: what stands as sending was left by the one before */
  async execute(accountId: string, inFlight: ReadonlySet<number>, everybodyElseIsDead: boolean): Promise<void> {
    await this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const rows = await this.outbox.listLost(tx, accountId, everybodyElseIsDead ? null : now, AT_ONCE);
      const lost = rows.flatMap((row) => {
        if (row.attemptedAt === null || inFlight.has(row.id)) return [];
        const outcome = { kind: 'unknown', reason: 'the service stopped while it was being sent' } as const;
        const decision = decideOutcome({ ...row, attemptedAt: row.attemptedAt }, outcome, now, 0);
        return [{ outboxId: row.id, conversationId: row.conversationId, decision }];
      });
      await this.writer.write(tx, lost);
    });
  }

  /**
   * At the start of the only process: a look-up that the one before had claimed is put off so that nobody else makes it,
   * and is not made by anybody. All are due as soon as they can tell something: nothing goes out in their conversations
   * until then, and an echo had all the time of the restart.
   */
  async resumeLookups(accountId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const uncertain = await this.outbox.listUncertain(tx, accountId, now, AT_ONCE);
      await this.outbox.moveOn(tx, uncertain.map((row) => {
        const due = nextLookupAt(now, row.attemptedAt, row.lookups, 0);
        return { ...row, nextAttemptAt: due < row.nextAttemptAt ? due : row.nextAttemptAt };
      }));
    });
  }
}
