import type { ReadEvent } from './read-event.js';

/**
 * So long the rules of one set may keep the event loop, and the locks of its transaction. The last event may go beyond, up to
 * what rules may take for one: none is half applied.
 */
const RULE_TIME_MS = 300;
/** An account whose rules take so long for an event, on the average, cuts sets short. */
const SLOW_MS = 3;

interface Used {
  readonly ms: number;
  readonly asked: number;
}

/** What rules have taken while a set was worked out. */
export class RuleTime {
  private readonly used = new Map<string, Used>();
  private total = 0;

  measure<Answer>(accountId: string, ask: () => Answer): Answer {
    const began = performance.now();
    const answer = ask();
    const took = performance.now() - began;
    this.total += took;
    const { ms, asked } = this.used.get(accountId) ?? { ms: 0, asked: 0 };
    this.used.set(accountId, { ms: ms + took, asked: asked + 1 });
    return answer;
  }

  /** No further event is to be begun. */
  get isUp(): boolean {
    return this.total >= RULE_TIME_MS;
  }

  /** The accounts whose rules were asked, and whether they were slow. */
  *accounts(): Generator<{ readonly accountId: string; readonly isSlow: boolean }> {
    for (const [accountId, { ms, asked }] of this.used) yield { accountId, isSlow: ms >= SLOW_MS * asked };
  }
}

/** Accounts with slow rules. Whoever shares a lane with them comes first: a set that is cut short is cut among their events. */
export class SlowAccounts {
  private readonly ids = new Set<string>();

  /** The order within an account stays. */
  putLast(ordered: readonly ReadEvent[]): readonly ReadEvent[] {
    if (this.ids.size === 0) return ordered;
    const isSlow = ({ event }: ReadEvent) => this.ids.has(event.accountId);
    return [...ordered.filter((read) => !isSlow(read)), ...ordered.filter(isSlow)];
  }

  learn(time: RuleTime): void {
    for (const { accountId, isSlow } of time.accounts()) {
      if (isSlow) this.ids.add(accountId);
      else this.ids.delete(accountId);
    }
  }
}
