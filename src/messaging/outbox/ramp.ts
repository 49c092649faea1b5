import type { AttemptOutcome } from './decide-outcome.js';

const FIRST_CALLS = 4;
/** Whoever was welcome this long ago still is. */
const GOOD_FOR_MS = 5_000;

/**
 * How many of an account's calls may be under way: a few at first, and one more with each that Graph has answered for the
 * message's own sake. So a token that died, or an account that was blocked, since the last send costs a few calls, and not
 * as many as are queued; within a second or two the whole width is open. After seconds without a call it begins anew.
 */
export class Ramp {
  private width: number;
  private welcomeAt = -Infinity;

  /** @param monotonicNow in milliseconds */
  constructor(
    private readonly most: number,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {
    this.width = this.first;
  }

  get open(): number {
    if (this.width > this.first && this.isStale) this.width = this.first;
    return this.width;
  }

  /** It is as good as a new one. */
  get isStale(): boolean {
    return this.monotonicNow() - this.welcomeAt > GOOD_FOR_MS;
  }

  noteOutcome(outcome: AttemptOutcome): void {
    const welcome = outcome.kind === 'sent' || (outcome.kind === 'failed' && !outcome.pause);
    if (!welcome) {
      // What was open so far is no longer known to be.
      if (outcome.kind === 'dead_token' || outcome.kind === 'paused') this.welcomeAt = -Infinity;
      return;
    }
    this.welcomeAt = this.monotonicNow();
    if (this.width < this.most) this.width++;
  }

  private get first(): number {
    return Math.min(FIRST_CALLS, this.most);
  }
}
