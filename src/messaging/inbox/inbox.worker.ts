import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { WorkerPulse } from '../../common/worker-pulse.js';
import { TransactionRunner } from '../../database/index.js';
import { Doorbell } from '../../queue/index.js';
import { NewSends } from '../outbox/new-sends.js';
import { InboxLaneRepository } from './inbox-lane.repository.js';
import { ProcessEventsUseCase } from './process-events.usecase.js';

const SWEEP_EVERY_MS = 1000;
const BUSY_AGAIN_MS = 100;
const PULSE = 'inbox-sweeper';
const MOST_SILENCE_MS = 60_000;

/** Answers the inbox's doorbell, and rings it itself for what no bell announced: retries come due, bells lost. */
@Injectable()
export class InboxWorker implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('InboxWorker');
  private readonly end = new AbortController();
  private sweeping: Promise<void> | null = null;
  /** Lanes with something due in the last round. */
  private found: ReadonlySet<number> = new Set();

  constructor(
    private readonly doorbell: Doorbell,
    private readonly processEvents: ProcessEventsUseCase,
    private readonly transactions: TransactionRunner,
    private readonly lanes: InboxLaneRepository,
    private readonly newSends: NewSends,
    private readonly clock: Clock,
    private readonly pulse: WorkerPulse,
  ) {}

  onModuleInit(): void {
    this.doorbell.answer('inbox', (lane) => this.work(lane));
  }

  /** By now every module has named its handler. */
  onApplicationBootstrap(): void {
    this.doorbell.start();
    this.pulse.expect(PULSE, MOST_SILENCE_MS);
    this.sweeping = this.sweepOn();
  }

  /** Finishes what is in hand; the rest is for the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.end.abort();
    this.pulse.forget(PULSE);
    await this.sweeping;
    await this.doorbell.stop();
  }

  /** Rings every lane with something due. */
  async sweep(): Promise<void> {
    const due = await this.transactions.read((tx) => this.lanes.listLanesWithWork(tx, this.clock.now()));
    for (const lane of due) {
      // The bell of the last round has not cleared it: there is much to do, or nobody has heard it.
      if (this.found.has(lane)) this.doorbell.ringHere('inbox', lane);
      else this.doorbell.ring('inbox', lane);
    }
    this.found = new Set(due);
  }

  private async work(lane: number): Promise<void> {
    await this.newSends.makeRoom();
    const state = await this.processEvents.execute(lane);
    // Ringing instead of going on: the lanes that wait meanwhile have their turn first.
    if (state === 'more') this.doorbell.ring('inbox', lane);
    // The other instance may have read the lane before what we were rung for was committed.
    if (state === 'busy') {
      setTimeout(() => {
        this.doorbell.ring('inbox', lane);
      }, BUSY_AGAIN_MS).unref();
    }
  }

  private async sweepOn(): Promise<void> {
    const { signal } = this.end;
    while (!signal.aborted) {
      try {
        await this.sweep();
        this.pulse.beat(PULSE);
      } catch (error) {
        this.logger.error(`The inbox could not be swept: ${messageOf(error)}`);
      }
      await delay(SWEEP_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
