import { setTimeout as delay } from 'node:timers/promises';
import { watchTurns } from './arrivals.js';

export interface Attempt {
  readonly status: number;
  /** Both as Date has them. */
  readonly began: number;
  readonly noted: number;
  readonly retryAfter: string | null;
}

/** Delivers as Meta does: what was not answered 200 comes again, at once, then later and later. */
export class ImpatientMeta {
  readonly attempts: Attempt[] = [];
  private readonly turns = watchTurns();

  constructor(private readonly send: (nth: number) => Promise<Response>) {}

  /** Resolves when the delivery was answered 200. */
  async deliver(nth: number): Promise<void> {
    for (let wait = 0; ; wait = Math.min(2_000, wait * 2 + 100)) {
      const began = Date.now();
      const answer = await this.send(nth);
      await answer.arrayBuffer();
      this.attempts.push({ status: answer.status, began, noted: Date.now(), retryAfter: answer.headers.get('retry-after') });
      if (answer.status === 200) return;
      if (answer.status !== 503) throw new Error(`A delivery was answered ${String(answer.status)}`);
      await delay(wait);
    }
  }

  /** How long the slowest answer surely took: what this process was late to look at may have come before. Ends the watch. */
  slowestMs(): number {
    const earliest = this.turns();
    return Math.max(...this.attempts.map(({ began, noted }) => earliest(noted) - began));
  }

  with(status: number): Attempt[] {
    return this.attempts.filter((attempt) => attempt.status === status);
  }
}
