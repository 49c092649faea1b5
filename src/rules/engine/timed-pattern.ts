import type { ComparedText } from './compared-text.js';
import type { Pattern, PatternMatch } from './pattern.js';
import { Rest } from './rest.js';

/** RE2 cannot be stopped on its way, so what counts is how long a pattern took: one that was too slow rests. */
export class TimedPattern {
  private readonly rest = new Rest();

  constructor(private readonly pattern: Pattern) {}

  /** Why it is not to be run on that text, though it may match; null: it may be. */
  whyNotRun(text: ComparedText): string | null {
    const reason = this.rest.reason;
    return reason !== null && this.pattern.mayMatch(text) ? reason : null;
  }

  match(text: ComparedText): PatternMatch | null {
    const { match, ms } = this.run(text);
    // A pause of the machine does not come twice, and what a pattern builds when it runs for the first time stays.
    if (ms <= MOST_MS || this.run(text).ms <= MOST_MS) this.rest.end();
    else this.rest.begin(TOO_SLOW);
    return match;
  }

  private run(text: ComparedText): { readonly match: PatternMatch | null; readonly ms: number } {
    const began = performance.now();
    const match = this.pattern.match(text);
    return { match, ms: performance.now() - began };
  }
}

/** As long as a template has. */
const MOST_MS = 50;
const TOO_SLOW = `not tried: the pattern took more than ${String(MOST_MS)} ms for an earlier text, and rests for some minutes`;
