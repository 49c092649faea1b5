import type { PaceLimit, PaceLimits } from './pace-limits.js';
import type { PaceKind } from './pace.port.js';

interface Passes {
  readonly limit: PaceLimit;
  /** When the latest went, oldest first. */
  readonly at: number[];
}

const FORGET_ABOVE = 5_000;

/**
 * The passes of this process, for each account and kind. (Limiters that count by fixed windows let twice as many through
 * around the turn of a window.)
 */
export class PassLog {
  private readonly byKey = new Map<string, Passes>();

  constructor(private readonly limits: PaceLimits) {}

  /**
   * 0: it may go, and is counted as all of `kinds`. Else how long until there may be room, and nothing was counted.
   * @param parts among how many the limits are shared
   */
  ask(accountId: string, kinds: readonly PaceKind[], now: number, parts = 1): number {
    const waits = kinds.map((kind) => this.waitFor(this.passes(accountId, kind, now), now, parts));
    const longest = Math.max(0, ...waits);
    if (longest === 0) this.note(accountId, kinds, now);
    return longest;
  }

  /** Counts a pass, whoever granted it. */
  note(accountId: string, kinds: readonly PaceKind[], now: number): void {
    for (const kind of kinds) this.passes(accountId, kind, now).at.push(now);
    if (this.byKey.size > FORGET_ABOVE) this.forgetIdle(now);
  }

  /** Counts what this process has not seen: when each went. */
  recall(accountId: string, kind: PaceKind, times: readonly number[], now: number): void {
    const { at } = this.passes(accountId, kind, now);
    at.push(...times);
    at.sort((a, b) => a - b);
  }

  /** Counts one no longer that was counted at that moment. */
  forget(accountId: string, kinds: readonly PaceKind[], countedAt: number): void {
    for (const kind of kinds) {
      const at = this.byKey.get(`${kind} ${accountId}`)?.at ?? [];
      const index = at.lastIndexOf(countedAt);
      if (index >= 0) at.splice(index, 1);
    }
  }

  private waitFor({ limit, at }: Passes, now: number, parts: number): number {
    const most = Math.max(1, Math.floor(limit.most / parts));
    // The one that must have left the window before there is room.
    const leaving = at[at.length - most];
    return leaving === undefined ? 0 : Math.max(1, leaving + limit.windowMs - now);
  }

  private passes(accountId: string, kind: PaceKind, now: number): Passes {
    const key = `${kind} ${accountId}`;
    const known = this.byKey.get(key) ?? { limit: this.limits[kind], at: [] };
    this.byKey.set(key, known);
    while ((known.at[0] ?? Infinity) <= now - known.limit.windowMs) known.at.shift();
    return known;
  }

  private forgetIdle(now: number): void {
    for (const [key, { at, limit }] of this.byKey) {
      if ((at.at(-1) ?? 0) <= now - limit.windowMs) this.byKey.delete(key);
    }
  }
}
