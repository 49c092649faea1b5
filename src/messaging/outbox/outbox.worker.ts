import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { WorkerPulse } from '../../common/worker-pulse.js';
import { AppSettings } from '../../config/index.js';
import { TransactionRunner } from '../../database/index.js';
import { Doorbell } from '../../queue/index.js';
import { Instances } from '../instances/instances.js';
import { laneOf } from '../lanes.js';
import { DeliverMessagesUseCase } from './deliver-messages.usecase.js';
import { MarkLostSends } from './mark-lost-sends.js';
import { OutboxHints } from './outbox-hints.js';
import type { WaitingGroup } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { SettleUncertainUseCase } from './settle-uncertain.usecase.js';

const SWEEP_EVERY_MS = 1_000;
const PULSE = 'outbox-sweeper';
const MOST_SILENCE_MS = 60_000;

/**
 * Keeps the outbox moving: answers its doorbell, and sweeps for what no bell announces (retries that have come due, a
 * lost bell, sends whose process died, look-ups).
 */
@Injectable()
export class OutboxWorker {
  private readonly logger = new Logger('OutboxWorker');
  private readonly end = new AbortController();
  private sweeping: Promise<void> | null = null;

  constructor(
    private readonly settings: AppSettings,
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly deliver: DeliverMessagesUseCase,
    private readonly settle: SettleUncertainUseCase,
    private readonly lost: MarkLostSends,
    private readonly hints: OutboxHints,
    private readonly doorbell: Doorbell,
    private readonly pulse: WorkerPulse,
    private readonly instances: Instances,
    private readonly clock: Clock,
  ) {}

  /** To be called once, before the doorbell is started. */
  async start(): Promise<void> {
    this.doorbell.answer('outbox', (lane, elsewhere) => this.deliver.execute(lane, elsewhere));
    // Without Redis there is one process: what stands as sending, or as being looked up, was left by the one before.
    if (this.settings.redisUrl === null) await this.recover();
    else await this.instances.start();
    this.deliver.open();
    this.pulse.expect(PULSE, MOST_SILENCE_MS);
    this.sweeping = this.sweepOn();
  }

  /** Resolves when what was in hand is sent and recorded. The doorbell should have been stopped before. */
  async stop(): Promise<void> {
    this.end.abort();
    this.pulse.forget(PULSE);
    await this.sweeping;
    await Promise.all([this.settle.stop(), this.deliver.stop()]);
    await this.instances.stop();
  }

  /** One round; the loop's, and the tests'. */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    const waiting = await this.waiting();
    // First what only has to be rung for: no account's trouble below may keep the others' retries waiting.
    for (const { accountId, status, earliest } of waiting) {
      if (status !== 'queued' || earliest > now) continue;
      this.hints.add(accountId);
      this.doorbell.ringHere('outbox', laneOf(accountId));
    }
    await this.takeOver(waiting);
    for (const { accountId, status, earliest } of waiting) {
      if (earliest > now) continue;
      if (status === 'sending') {
        await this.guarded(accountId, 'Lost sends were not marked', () => this.lost.markOverdue(accountId, this.deliver.inHand, this.instances.alive));
      }
      // Not awaited: look-ups wait for their rate limit. A second call joins the run.
      if (status === 'uncertain') void this.guarded(accountId, 'Look-ups failed', () => this.settle.execute(accountId));
    }
  }

  /** Never rejects. @returns null: it failed; the next round tries again */
  private async guarded<T>(accountId: string, trouble: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.logger.error({ msg: `${trouble}: ${messageOf(error)}`, accountId });
      return null;
    }
  }

  /** What instances that died had in hand. They are forgotten when nothing of it is left. */
  private async takeOver(waiting: readonly WaitingGroup[]): Promise<void> {
    const accounts = new Set(waiting.flatMap(({ accountId, status }) => (status === 'queued' ? [] : [accountId])));
    for (const instance of this.instances.silent) {
      let found = 0;
      for (const accountId of accounts) {
        // Not known: it is not forgotten yet.
        found += (await this.guarded(accountId, 'A dead instance’s sends were not taken over', () => this.lost.takeOver(accountId, instance))) ?? 1;
      }
      if (found === 0) await this.instances.forget(instance);
    }
  }

  private async recover(): Promise<void> {
    for (const group of await this.waiting()) {
      if (group.status === 'sending') await this.lost.markAll(group.accountId);
      if (group.status !== 'queued') await this.lost.resumeLookups(group.accountId);
    }
  }

  private async waiting(): Promise<WaitingGroup[]> {
    return await this.transactions.read((tx) => this.outbox.listWaiting(tx));
  }

  private async sweepOn(): Promise<void> {
    const { signal } = this.end;
    while (!signal.aborted) {
      try {
        await this.sweep();
        this.pulse.beat(PULSE);
      } catch (error) {
        this.logger.error(`The outbox could not be swept: ${messageOf(error)}`);
      }
      await delay(SWEEP_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
