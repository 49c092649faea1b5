import { performance, type EventLoopUtilization } from 'node:perf_hooks';

const WINDOW_MS = 500;
const LONGEST_WINDOW_MS = 2_000;
const FORGOTTEN_AFTER_MS = 10_000;
/**
 * Only a process that is all busy with many at once shows what one of them costs. Many for most of the time: where the
 * commit keeps the loop (SQLite), all that are in hand are answered in one go, down to none.
 */
const BUSY = 0.9;
const MANY = 50;

/**
 * What one delivery costs the event loop, with everything this process does beside them: measured while the loop is all
 * busy and many deliveries are in hand, so that what is in hand times this is how long a turn of the loop may take.
 */
export class LoopCost {
  /** Milliseconds; 0 as long as there was nothing to measure. */
  ms = 0;
  private answered = 0;
  private refused = 0;
  private inHand = 0;
  private since = performance.now();
  /** How many were in hand, times how long. */
  private area = 0;
  private startedAt = performance.now();
  private startedWith: EventLoopUtilization = performance.eventLoopUtilization();

  /** Costs something too: about a quarter of one that is taken. */
  noteRefused(): void {
    this.roll();
    this.refused += 1;
  }

  /** @param inHand how many are to be answered now */
  noteTaken(inHand: number): void {
    this.roll();
    this.level(inHand);
  }

  /**
   * Ends no window: where all are answered in one go, all of them belong to the one in which they were worked on.
   * @param inHand how many are still to be answered
   */
  noteAnswered(inHand: number): void {
    this.answered++;
    this.level(inHand);
  }

  private level(inHand: number): void {
    const now = performance.now();
    this.area += this.inHand * (now - this.since);
    this.inHand = inHand;
    this.since = now;
  }

  /**
   * Ends the window when it is over, and something was answered in it: a commit may take longer than a window. Where all are
   * refused it ends all the same, or what was measured once would hold for ever.
   */
  private roll(): void {
    const now = performance.now();
    const took = now - this.startedAt;
    if (took < WINDOW_MS || (this.answered === 0 && took < LONGEST_WINDOW_MS)) return;
    this.level(this.inHand);
    const many = this.area / took >= MANY;
    const { active, utilization } = performance.eventLoopUtilization(this.startedWith);
    if (utilization >= BUSY && many && this.answered >= MANY) this.ms = active / (this.answered + this.refused / 4);
    // Not measurable: what was measured last counts less and less, or one bad moment would be held against the next burst.
    else this.ms = took > FORGOTTEN_AFTER_MS ? 0 : this.ms / 2;
    this.answered = 0;
    this.refused = 0;
    this.area = 0;
    this.startedAt = now;
    this.startedWith = performance.eventLoopUtilization();
  }
}
