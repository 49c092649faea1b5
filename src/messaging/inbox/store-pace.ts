/** A stall longer than this says no more about the next commits than this. */
const LONGEST_SAMPLE_MS = 5_000;
/** Only groups of at least this many events tell how many events a second go through. */
const TELLING_EVENTS = 200;

interface Running {
  readonly events: number;
  readonly since: number;
}

/**
 * How long what is delivered now would wait for its commit, judged by how the last commits went. Pure but for the clock
 * it is handed (milliseconds of `performance.now()`).
 */
export class StorePace {
  private readonly running = new Set<Running>();
  private groupMs = 0;
  private eventMs = 0;

  /** How long a group took lately, whatever its size. */
  get usualMs(): number {
    return this.groupMs;
  }

  /** @returns what to call when the group is committed, or has failed; not `telling`: how long it took says nothing about others */
  begin(events: number, now: number): (now: number, telling?: boolean) => void {
    const group = { events, since: now };
    this.running.add(group);
    return (end, telling = true) => {
      this.running.delete(group);
      if (!telling) return;
      const took = Math.min(end - group.since, LONGEST_SAMPLE_MS);
      this.groupMs = (this.groupMs + took) / 2;
      if (events >= TELLING_EVENTS) this.eventMs = this.eventMs === 0 ? took / events : (this.eventMs + took / events) / 2;
    };
  }

  /**
   * @param eventsAhead what waits already
   * @param perGroup how many of them go into one commit
   */
  expectedWaitMs(eventsAhead: number, perGroup: number, now: number): number {
    const [current] = this.running;
    // Its commit begins at once; and if commits are slow, somebody has to find out that they no longer are.
    if (!current) return 0;
    const elapsed = now - current.since;
    // What has taken longer than usual may well take as long again.
    const remaining = elapsed < this.groupMs ? this.groupMs - elapsed : elapsed;
    const groupsAhead = Math.floor(eventsAhead / perGroup);
    return remaining + groupsAhead * Math.max(this.groupMs, this.eventMs * perGroup) + this.groupMs;
  }
}
