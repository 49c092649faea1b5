import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue, Worker } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../common/errors.js';
import { jobOptions } from './bell-options.js';
import { Doorbell, type LaneHandler, type Reach, type Topic } from './doorbell.js';
import { InProcessDoorbell, type RungLane } from './in-process.doorbell.js';
import type { RedisLine } from './redis-line.js';

/** The whole of a job. */
export interface BellJob {
  readonly lane: number;
}

type Queues = Readonly<Record<Topic, Queue<BellJob>>>;
/** Makes the worker that fetches a topic's jobs. */
export type WorkerFactory = (topic: Topic, process: (job: { readonly data: BellJob }) => Promise<void>) => Worker<BellJob>;

/** A Redis that is away must not keep the process from ending. */
const STOP_PATIENCE_MS = 3_000;
const SAME_AGAIN_AFTER_MS = 60_000;

/**
 * Bells for every instance, through BullMQ. Redis decides who comes; the work itself is done at this process's own desk,
 * so that one process still has each lane once and a bounded number of them. While Redis is away each instance rings for
 * itself alone, and the sweepers of all find what the others' bells would have said.
 */
export class BullmqDoorbell extends Doorbell implements OnApplicationShutdown {
  private readonly logger = new Logger('Doorbell');
  private readonly here = new InProcessDoorbell();
  private readonly topics = new Set<Topic>();
  private readonly workers: Worker<BellJob>[] = [];
  /** Rung, not yet sent; a Map merges. */
  private readonly pending = new Map<string, RungLane>();
  private sending: Promise<void> | null = null;
  private stopping: Promise<void> | null = null;
  private lastSaid = { text: '', at: 0 };

  constructor(
    private readonly line: RedisLine,
    private readonly queues: Queues,
    private readonly newWorker: WorkerFactory,
  ) {
    super();
    for (const queue of Object.values(queues)) {
      queue.on('error', (error) => {
        this.say(error);
      });
    }
  }

  override get reach(): Reach {
    return this.line.isUp ? 'redis' : 'redis_away';
  }

  override ring(topic: Topic, lane: number): void {
    if (!this.line.isUp) {
      this.here.ring(topic, lane);
      return;
    }
    this.pending.set(`${topic} ${String(lane)}`, { topic, lane });
    this.sending ??= this.send().finally(() => (this.sending = null));
  }

  override ringHere(topic: Topic, lane: number): void {
    if (this.here.answers(topic)) this.here.ring(topic, lane);
    else this.ring(topic, lane);
  }

  override answer(topic: Topic, handler: LaneHandler): void {
    this.here.answer(topic, handler);
    this.topics.add(topic);
  }

  override start(): void {
    this.here.start();
    for (const topic of this.topics) {
      const worker = this.newWorker(topic, ({ data }) => this.come(topic, data.lane));
      worker.on('error', (error) => {
        this.say(error);
      });
      this.workers.push(worker);
    }
  }

  override stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  /** By now nobody rings any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.stop();
    await this.sending;
    this.line.close();
  }

  private async come(topic: Topic, lane: number): Promise<void> {
    // Was on its way when the stop came: the job is over with this, and nobody comes here any more.
    if (this.stopping) this.ring(topic, lane);
    else await this.here.visit(topic, lane);
  }

  private async end(): Promise<void> {
    // First of all they fetch no more: the others are to be rung. Each waits for what it has in hand, but politely only where
    // Redis hears it: one that still looks for it would not end.
    const closed = Promise.allSettled(this.workers.map((worker) => worker.close(!this.line.isUp)));
    // What was rung here and is not begun is rung for the others.
    for (const { topic, lane } of this.here.close()) this.ring(topic, lane);
    await this.here.stop();
    const patienceMs = this.line.isUp ? STOP_PATIENCE_MS : 0;
    const inTime = await Promise.race([closed.then(() => true), delay(patienceMs, false, { ref: false })]);
    if (!inTime) for (const worker of this.workers) void worker.disconnect().catch(() => undefined);
  }

  /** Those that are rung while others are being sent go together. Never rejects. */
  private async send(): Promise<void> {
    // All that this turn of the event loop rings goes together.
    await Promise.resolve();
    while (this.pending.size > 0) {
      const bells = [...this.pending.values()];
      this.pending.clear();
      try {
        if (!this.line.isUp) throw new Error('the connection is closed');
        await Promise.all([...this.topicsOf(bells)].map(([topic, lanes]) => this.queues[topic].addBulk(lanes)));
      } catch (error) {
        this.line.lose(messageOf(error));
        for (const { topic, lane } of bells) this.here.ring(topic, lane);
      }
    }
  }

  private topicsOf(bells: readonly RungLane[]): Map<Topic, { name: string; data: BellJob; opts: ReturnType<typeof jobOptions> }[]> {
    const jobs = new Map<Topic, { name: string; data: BellJob; opts: ReturnType<typeof jobOptions> }[]>();
    for (const { topic, lane } of bells) {
      jobs.set(topic, [...(jobs.get(topic) ?? []), { name: topic, data: { lane }, opts: jobOptions(topic, lane) }]);
    }
    return jobs;
  }

  /** A worker without Redis says so several times a second. */
  private say(error: Error): void {
    const now = performance.now();
    if (!this.line.isUp || (error.message === this.lastSaid.text && now - this.lastSaid.at < SAME_AGAIN_AFTER_MS)) return;
    this.lastSaid = { text: error.message, at: now };
    this.logger.warn(`The bells of Redis: ${messageOf(error)}`);
  }
}
