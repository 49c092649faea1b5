import { setTimeout as delay } from 'node:timers/promises';
import type { PaceKind, Pass } from './pace.port.js';

/** A clock that never goes back, and waiting by it. */
export interface PaceTime {
  now(): number;
  wait(ms: number): Promise<unknown>;
}

export const SYSTEM_TIME: PaceTime = { now: () => performance.now(), wait: (ms) => delay(ms) };

/** May go, and is counted; or how long until it is worth asking again. */
export type Asked = { readonly giveBack: (given: readonly PaceKind[]) => void } | { readonly waitMs: number };

/** First come, first served, for each key; nobody is given a pass after his patience is over. */
export class PaceLine {
  private readonly tails = new Map<string, Promise<unknown>>();

  constructor(private readonly time: PaceTime) {}

  async take(key: string, kinds: readonly PaceKind[], ask: () => Promise<Asked> | Asked, patienceMs: number): Promise<Pass> {
    const until = this.time.now() + patienceMs;
    const before = this.tails.get(key);
    const mine = before ? before.then(() => this.pass(kinds, ask, until)) : this.pass(kinds, ask, until);
    const tail = mine.catch(() => undefined);
    this.tails.set(key, tail);
    try {
      return await mine;
    } finally {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }

  private async pass(kinds: readonly PaceKind[], ask: () => Promise<Asked> | Asked, until: number): Promise<Pass> {
    for (;;) {
      if (this.time.now() > until) return { granted: false, retryAfterMs: 0 };
      const asked = await ask();
      if ('giveBack' in asked) {
        const { giveBack } = asked;
        return { granted: true, giveBack: (only = kinds) => { giveBack(kinds.filter((kind) => only.includes(kind))); } };
      }
      const { waitMs } = asked;
      if (this.time.now() + waitMs > until) return { granted: false, retryAfterMs: waitMs };
      await this.time.wait(waitMs);
    }
  }
}
