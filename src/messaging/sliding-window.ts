import { setTimeout as delay } from 'node:timers/promises';

/** Meta counts when a call arrives, not when it leaves: a little more than the second keeps jitter from adding up. */
const WINDOW_MS = 1_050;

interface Line {
  /** When the latest went, oldest first. */
  readonly taken: number[];
  tail: Promise<void>;
  waiting: number;
}

/**
 * At most so many in any sliding second, for each key. (Limiters that count by fixed windows let twice as many through
 * around the turn of a window.) First come, first served.
 */
export class SlidingWindow {
  private readonly keys = new Map<string, Line>();

  constructor(
    private readonly limit: number,
    private readonly windowMs = WINDOW_MS,
    private readonly now: () => number = () => performance.now(),
    private readonly wait: (ms: number) => Promise<unknown> = (ms) => delay(ms),
  ) {}

  /** Resolves when the caller may go; what it does should follow at once. */
  async take(key: string): Promise<void> {
    const entry = this.keys.get(key) ?? { taken: [], tail: Promise.resolve(), waiting: 0 };
    this.keys.set(key, entry);
    entry.waiting++;
    const mine = entry.tail.then(async () => {
      for (;;) {
        const now = this.now();
        while (entry.taken.length > 0 && (entry.taken[0] ?? 0) <= now - this.windowMs) entry.taken.shift();
        const first = entry.taken[0];
        if (first === undefined || entry.taken.length < this.limit) {
          entry.taken.push(now);
          entry.waiting--;
          return;
        }
        await this.wait(Math.max(1, first + this.windowMs - now));
      }
    });
    entry.tail = mine;
    await mine;
    if (this.keys.size > FORGET_ABOVE) this.forgetIdle();
  }

  private forgetIdle(): void {
    const before = this.now() - this.windowMs;
    for (const [key, { taken, waiting }] of this.keys) {
      if (waiting === 0 && (taken.at(-1) ?? 0) <= before) this.keys.delete(key);
    }
  }
}

const FORGET_ABOVE = 5_000;
