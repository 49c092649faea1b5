import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { AttemptedSendRepository } from './attempted-send.repository.js';
import { decideOutcome, notCalled } from './decide-outcome.js';
import { CALLED_WITHIN_MS, CLOCK_TOLERANCE_MS, nextLookupAt } from './delivery.policy.js';
import { DueSendRepository } from './due-send.repository.js';
import type { ClaimedMessage, OutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeWriter } from './outcome.writer.js';

const AT_ONCE = 200;
const NOTHING: ReadonlySet<number> = new Set<number>();
/** Even one that lives has lost sight of it by then. */
const LONG_OVERDUE_MS = 60_000;
/** Whoever claimed it does not call it any more, by any host's clock. */
const NOT_CALLED_AFTER_MS = CALLED_WITHIN_MS + CLOCK_TOLERANCE_MS;

/**
 * What a process left behind when it died: sends it had claimed and not recorded, and look-ups. Of a conversation only the
 * first can have been called, and is looked up (sending → uncertain); those behind it are queued again.
 */
@Injectable()
export class MarkLostSends {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly sends: AttemptedSendRepository,
    private readonly outbox: OutboxRepository,
    private readonly due: DueSendRepository,
    private readonly writer: OutcomeWriter,
    private readonly clock: Clock,
  ) {}

  /**
   * At the start of the only process: what stands as sending was left by the one before. That may not have ended yet, as when
   * a platform starts the new one first: what waited behind the first of a conversation is left to `markOverdue` while its
   * claim is young.
   */
  async markAll(accountId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.mark(tx, await this.sends.listSending(tx, accountId, AT_ONCE), NOTHING, this.longEnoughAgo());
    });
  }

  /**
   * What was not recorded in time: this process lost sight of it, or nobody knows who had it.
   * @param alive the other instances that live: their calls are not lost, however long they take to be recorded
   */
  async markOverdue(accountId: string, inHand: Pick<ReadonlySet<number>, 'has'>, alive: readonly string[]): Promise<void> {
    await this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const longAgo = new Date(now.getTime() - LONG_OVERDUE_MS);
      await this.mark(tx, await this.sends.listLost(tx, accountId, now, alive, longAgo, AT_ONCE), inHand, now);
    });
  }

  /**
   * What an instance that died had in hand; or that seems to have died, and may go on with what waited behind the first of
   * a conversation: that is left for the next round while its claim is young. @returns how much that was
   */
  async takeOver(accountId: string, instance: string): Promise<number> {
    return await this.transactions.run(async (tx) => {
      const sending = await this.sends.listClaimedBy(tx, accountId, 'sending', instance, AT_ONCE);
      const lookedUp = await this.sends.listClaimedBy(tx, accountId, 'uncertain', instance, AT_ONCE);
      await this.mark(tx, sending, NOTHING, this.longEnoughAgo());
      await this.hasten(tx, lookedUp);
      return sending.length + lookedUp.length;
    });
  }

  /**
   * At the start of the only process: a look-up that the one before had claimed is put off so that nobody else makes it,
   * and is not made by anybody. All are due as soon as they can tell something: nothing goes out in their conversations
   * until then, and an echo had all the time of the restart.
   */
  async resumeLookups(accountId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.hasten(tx, await this.sends.listUncertain(tx, accountId, this.clock.now(), AT_ONCE));
    });
  }

  private longEnoughAgo(): Date {
    return new Date(this.clock.now().getTime() - NOT_CALLED_AFTER_MS);
  }

  /** @param claimedBefore what waits behind another is queued again if it was claimed by then: it was not called, and will not be */
  private async mark(tx: Tx, rows: readonly OutboxMessage[], inHand: Pick<ReadonlySet<number>, 'has'>, claimedBefore: Date): Promise<void> {
    const now = this.clock.now();
    const lost = rows.flatMap((row) => (row.attemptedAt === null || inHand.has(row.id) ? [] : [{ ...row, attemptedAt: row.attemptedAt }]));
    if (lost.length === 0) return;
    const first = new Map((await this.due.listFirst(tx, lost)).map(({ conversationId, id }) => [conversationId, id]));
    await this.writer.write(tx, lost.flatMap((row) => {
      const waited = (first.get(row.conversationId) ?? row.id) < row.id;
      if (waited && row.attemptedAt > claimedBefore) return [];
      const outcome = { kind: 'unknown', reason: 'the service stopped while it was being sent' } as const;
      const decision = waited ? notCalled(row, 0, now) : decideOutcome(row, outcome, now, 0);
      return [{ outboxId: row.id, conversationId: row.conversationId, decision }];
    }));
  }

  private async hasten(tx: Tx, uncertain: readonly ClaimedMessage[]): Promise<void> {
    const now = this.clock.now();
    await this.outbox.moveOn(tx, uncertain.map((row) => {
      const due = nextLookupAt(now, row.attemptedAt, row.lookups, 0);
      return { ...row, nextAttemptAt: due < row.nextAttemptAt ? due : row.nextAttemptAt };
    }));
  }
}
