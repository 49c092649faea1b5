/**
 * A pattern or template that has used up its time rests, so that it does not use it up again with every message. For a while,
 * not until the rule is changed: it may have been a busy moment of the machine, or one customer's odd text, and nobody would
 * come to change it. Each time in a row the rest is twice as long, so that one that is always too slow costs next to nothing.
 */
export class Rest {
  private ms = 0;
  private until = 0;
  private because = '';

  /** Why it is not to be tried now; null: it may be. */
  get reason(): string | null {
    return this.ms > 0 && performance.now() < this.until ? this.because : null;
  }

  begin(reason: string): void {
    this.ms = this.ms === 0 ? FIRST_MS : Math.min(2 * this.ms, LONGEST_MS);
    this.until = performance.now() + this.ms;
    this.because = reason;
  }

  /** It was quick enough: the next rest, if there is one, is short again. */
  end(): void {
    this.ms = 0;
  }
}

const FIRST_MS = 60_000;
const LONGEST_MS = 16 * 60_000;
