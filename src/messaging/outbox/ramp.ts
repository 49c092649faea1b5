import type { AttemptOutcome } from './decide-outcome.js';

const FIRST_CALLS = 4;

/**
 * How many of an account's calls may be under way: a few at first, and one more with each that Graph has answered for the
 * message's own sake. So a token that died, or an account that was blocked, since the last send costs a few calls, and not
 * as many as are queued; within a second or two the whole width is open.
 */
export class Ramp {
  private width: number;

  constructor(private readonly most: number) {
    this.width = Math.min(FIRST_CALLS, most);
  }

  get open(): number {
    return this.width;
  }

  noteOutcome(outcome: AttemptOutcome): void {
    const welcome = outcome.kind === 'sent' || (outcome.kind === 'failed' && !outcome.pause);
    if (welcome && this.width < this.most) this.width++;
  }
}
