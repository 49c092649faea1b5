import { setTimeout as delay } from 'node:timers/promises';

export interface Attempt {
  readonly status: number;
  readonly ms: number;
  readonly retryAfter: string | null;
}

/** Delivers as Meta does: what was not answered 200 comes again, at once, then later and later. */
export class ImpatientMeta {
  readonly attempts: Attempt[] = [];

  constructor(private readonly send: (nth: number) => Promise<Response>) {}

  /** Resolves when the delivery was answered 200. */
  async deliver(nth: number): Promise<void> {
    for (let wait = 0; ; wait = Math.min(2_000, wait * 2 + 100)) {
      const began = performance.now();
      const answer = await this.send(nth);
      await answer.arrayBuffer();
      this.attempts.push({ status: answer.status, ms: performance.now() - began, retryAfter: answer.headers.get('retry-after') });
      if (answer.status === 200) return;
      if (answer.status !== 503) throw new Error(`A delivery was answered ${String(answer.status)}`);
      await delay(wait);
    }
  }

  get slowestMs(): number {
    return Math.max(...this.attempts.map(({ ms }) => ms));
  }

  with(status: number): Attempt[] {
    return this.attempts.filter((attempt) => attempt.status === status);
  }
}
