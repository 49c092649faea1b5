import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { Doorbell, type LaneHandler, type Topic } from './doorbell.js';

/** How many lanes of one topic are worked on at once: more would only queue for the database's connections. */
export const LANES_AT_ONCE = 4;

interface Desk {
  readonly handler: LaneHandler;
  /** Rung, waiting for a free hand; a Set keeps the order of ringing and merges. */
  readonly waiting: Set<number>;
  /** Lane → rung again since its run began. */
  readonly running: Map<number, boolean>;
}

/** Bells within one process: what it knows dies with it, and the sweepers of the next start find what was left. */
@Injectable()
export class InProcessDoorbell extends Doorbell {
  private readonly logger = new Logger('Doorbell');
  private readonly desks = new Map<Topic, Desk>();
  private readonly runs = new Set<Promise<void>>();
  private open = false;
  private stopped = false;

  override ring(topic: Topic, lane: number): void {
    // Without a handler nobody here will ever come; what was rung is in the database.
    const desk = this.desks.get(topic);
    if (!desk || this.stopped) return;
    if (desk.running.has(lane)) desk.running.set(lane, true);
    else desk.waiting.add(lane);
    this.attend(desk);
  }

  override answer(topic: Topic, handler: LaneHandler): void {
    if (this.desks.has(topic)) throw new Error(`The ${topic} doorbell is answered already.`);
    this.desks.set(topic, { handler, waiting: new Set(), running: new Map() });
  }

  override start(): void {
    if (this.stopped) throw new Error('A doorbell that was stopped does not start again.');
    this.open = true;
    for (const desk of this.desks.values()) this.attend(desk);
  }

  override async stop(): Promise<void> {
    this.stopped = true;
    this.open = false;
    while (this.runs.size > 0) await Promise.all(this.runs);
  }

  private attend(desk: Desk): void {
    if (!this.open) return;
    for (const lane of desk.waiting) {
      if (desk.running.size >= LANES_AT_ONCE) return;
      desk.waiting.delete(lane);
      desk.running.set(lane, false);
      const run = this.work(desk, lane);
      this.runs.add(run);
      void run.finally(() => this.runs.delete(run));
    }
  }

  /** Never rejects. */
  private async work(desk: Desk, lane: number): Promise<void> {
    try {
      // Not on the ringer's stack: it rings right after a commit, and must not run the handler's first steps itself.
      await Promise.resolve();
      await desk.handler(lane);
    } catch (error) {
      // The lane stays as it was in the database: the next bell or the sweeper comes back to it.
      this.logger.error(`Lane ${String(lane)} was left: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
    }
    const rungAgain = desk.running.get(lane) === true;
    desk.running.delete(lane);
    // To the end of the line: a busy lane must not keep the others waiting.
    if (rungAgain) desk.waiting.add(lane);
    this.attend(desk);
  }
}
