import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { Doorbell, type LaneHandler, type Reach, type Topic } from './doorbell.js';

/** How many lanes of one topic are worked on at once: more would only queue for the database's connections. */
export const LANES_AT_ONCE = 4;

/** All that was rung for a lane since its last run began. */
interface Bell {
  elsewhere: boolean;
  /** Who waits for the run. */
  readonly answered: (() => void)[];
}

interface Desk {
  readonly handler: LaneHandler;
  /** Rung, waiting for a free hand; a Map keeps the order of ringing and merges. */
  readonly waiting: Map<number, Bell>;
  /** Lane → what was rung since its run began. */
  readonly running: Map<number, Bell | null>;
}

export interface RungLane {
  readonly topic: Topic;
  readonly lane: number;
}

/** Bells within one process: what it knows dies with it, and the sweepers of the next start find what was left. */
@Injectable()
export class InProcessDoorbell extends Doorbell {
  private readonly logger = new Logger('Doorbell');
  private readonly desks = new Map<Topic, Desk>();
  private readonly runs = new Set<Promise<void>>();
  private open = false;
  private stopped = false;

  override get reach(): Reach {
    return 'process';
  }

  override ring(topic: Topic, lane: number): void {
    this.note(topic, lane);
  }

  override ringHere(topic: Topic, lane: number): void {
    this.note(topic, lane);
  }

  /** Rung by another process; resolves when a run that began after this has ended, or when nobody will come any more. */
  async visit(topic: Topic, lane: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const bell = this.note(topic, lane);
      if (!bell) {
        resolve();
        return;
      }
      bell.elsewhere = true;
      bell.answered.push(resolve);
    });
  }

  /** Whether somebody comes here when the topic is rung. */
  answers(topic: Topic): boolean {
    return this.desks.has(topic) && !this.stopped;
  }

  override answer(topic: Topic, handler: LaneHandler): void {
    if (this.desks.has(topic)) throw new Error(`The ${topic} doorbell is answered already.`);
    this.desks.set(topic, { handler, waiting: new Map(), running: new Map() });
  }

  override start(): void {
    if (this.stopped) throw new Error('A doorbell that was stopped does not start again.');
    this.open = true;
    for (const desk of this.desks.values()) this.attend(desk);
  }

  override async stop(): Promise<void> {
    this.close();
    while (this.runs.size > 0) await Promise.all(this.runs);
  }

  /** Begins nothing more. @returns what was rung and is not answered any more */
  close(): RungLane[] {
    this.stopped = true;
    this.open = false;
    return [...this.desks].flatMap(([topic, desk]) => {
      const again = [...desk.running].flatMap(([lane, bell]) => (bell ? [[lane, bell] as const] : []));
      const left = [...desk.waiting, ...again];
      desk.waiting.clear();
      for (const [lane] of again) desk.running.set(lane, null);
      for (const [, bell] of left) bell.answered.forEach((tell) => {
        tell();
      });
      return left.map(([lane]) => ({ topic, lane }));
    });
  }

  /** Null: nobody will come. Without a handler nobody here ever does; what was rung is in the database. */
  private note(topic: Topic, lane: number): Bell | null {
    const desk = this.desks.get(topic);
    if (!desk || this.stopped) return null;
    const isRunning = desk.running.has(lane);
    const bell = (isRunning ? desk.running.get(lane) : desk.waiting.get(lane)) ?? { elsewhere: false, answered: [] };
    (isRunning ? desk.running : desk.waiting).set(lane, bell);
    this.attend(desk);
    return bell;
  }

  private attend(desk: Desk): void {
    if (!this.open) return;
    for (const [lane, bell] of desk.waiting) {
      if (desk.running.size >= LANES_AT_ONCE) return;
      desk.waiting.delete(lane);
      desk.running.set(lane, null);
      const run = this.work(desk, lane, bell);
      this.runs.add(run);
      void run.finally(() => this.runs.delete(run));
    }
  }

  /** Never rejects. */
  private async work(desk: Desk, lane: number, bell: Bell): Promise<void> {
    try {
      // Not on the ringer's stack: it rings right after a commit, and must not run the handler's first steps itself.
      await Promise.resolve();
      await desk.handler(lane, bell.elsewhere);
    } catch (error) {
      // The lane stays as it was in the database: the next bell or the sweeper comes back to it.
      this.logger.error(`Lane ${String(lane)} was left: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
    }
    for (const tell of bell.answered) tell();
    const again = desk.running.get(lane);
    desk.running.delete(lane);
    // To the end of the line: a busy lane must not keep the others waiting.
    if (again) desk.waiting.set(lane, again);
    this.attend(desk);
  }
}
