/** A call that has been out for this long waits for Graph, or for its account's pace, and not for this process. */
const OUT_OF_HAND_AFTER_MS = 500;
/** And what stands behind such a call waits for it. */
const HELD_UP_AFTER_MS = 2_000;

/** The sends this process has claimed and not recorded: not lost, however long they take. By outbox id. */
export class SendsInHand {
  /** Not called yet: since when, the oldest first. */
  private readonly taken = new Map<number, number>();
  private readonly called = new Map<number, number>();
  private readonly answered = new Set<number>();
  private readonly waiting = new Set<() => void>();

  /** @param crowd beyond so many, the process is behind with sending */
  constructor(
    private readonly crowd: number,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.taken.size + this.called.size + this.answered.size;
  }

  has(id: number): boolean {
    return this.taken.has(id) || this.called.has(id) || this.answered.has(id);
  }

  isUncalled(id: number): boolean {
    return this.taken.has(id);
  }

  take(id: number): void {
    this.taken.set(id, this.monotonicNow());
  }

  call(id: number): void {
    this.taken.delete(id);
    this.called.set(id, this.monotonicNow());
  }

  /** It is known what became of it, or that nobody knows; that is still to be recorded. */
  answer(id: number): void {
    this.taken.delete(id);
    this.called.delete(id);
    this.answered.add(id);
  }

  letGo(id: number): void {
    this.taken.delete(id);
    this.called.delete(id);
    this.answered.delete(id);
    if (this.waiting.size === 0 || this.isCrowded) return;
    for (const goOn of this.waiting) goOn();
  }

  /** Resolves when this process is not behind with sending, or after `patienceMs`. */
  async notCrowded(patienceMs: number): Promise<void> {
    if (!this.isCrowded) return;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        clearTimeout(timer);
        this.waiting.delete(goOn);
        resolve();
      };
      const timer = setTimeout(goOn, patienceMs).unref();
      this.waiting.add(goOn);
    });
  }

  /** Calls that hang do not count: Graph's slowness must not hold up what is decided. */
  private get isCrowded(): boolean {
    if (this.size <= this.crowd) return false;
    const now = this.monotonicNow();
    const busy = this.answered.size + countSince(this.called, now - OUT_OF_HAND_AFTER_MS) + countSince(this.taken, now - HELD_UP_AFTER_MS);
    return busy > this.crowd;
  }
}

/** @param times the oldest first */
function countSince(times: ReadonlyMap<number, number>, from: number): number {
  let count = times.size;
  for (const time of times.values()) {
    if (time > from) break;
    count--;
  }
  return count;
}
