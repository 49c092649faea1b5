import { performance, type EventLoopUtilization } from 'node:perf_hooks';

const WINDOW_MS = 500;
/**
 * Only a process that is all busy with many at once shows what one of them costs. On average: where the commit keeps the
 * loop (SQLite), all that are in hand are answered in one go, down to none.
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
  /** How many were in hand, summed up over those that were answered. */
  private inHand = 0;
  private startedAt = performance.now();
  private startedWith: EventLoopUtilization = performance.eventLoopUtilization();

  /** Costs something too: about a quarter of one that is taken. */
  noteRefused(): void {
    this.refused += 1;
    this.roll();
  }

  /** @param inHand how many are still to be answered */
  note(inHand: number): void {
    this.answered++;
    this.inHand += inHand;
    this.roll();
  }

  /** Ends the window when it is over: also where all are refused, or what was measured once would hold for ever. */
  private roll(): void {
    const now = performance.now();
    if (now - this.startedAt < WINDOW_MS) return;
    const { active, utilization } = performance.eventLoopUtilization(this.startedWith);
    if (utilization >= BUSY && this.answered >= MANY && this.inHand / this.answered >= MANY) this.ms = active / (this.answered + this.refused / 4);
    // Not measurable: what was measured last counts less and less, or one bad moment would be held against the next burst.
    else this.ms /= 2;
    this.answered = 0;
    this.refused = 0;
    this.inHand = 0;
    this.startedAt = now;
    this.startedWith = performance.eventLoopUtilization();
  }
}
