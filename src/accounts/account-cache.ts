/**
 * Holds what was loaded for a moment, by key. What is kept is the promise, so that many who ask at once share one load;
 * and one that began before an eviction is not found again after it.
 */
export class AccountCache<Value> {
  private readonly entries = new Map<string, CacheEntry<Value>>();

  constructor(
    private readonly lifetimeMs: number,
    private readonly capacity: number,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  get(key: string): Promise<Value> | undefined {
    const entry = this.entries.get(key);
    if (!entry || entry.until <= this.monotonicNow()) return undefined;
    entry.wanted = true;
    return entry.value;
  }

  /** Keys of what was asked for since it was loaded and has had the greater part of its time: to be loaded along with another. */
  listAging(most: number): string[] {
    const aging: string[] = [];
    const now = this.monotonicNow();
    // In the order of loading, so of age.
    for (const [key, { until, wanted }] of this.entries) {
      if (until > now + this.lifetimeMs / 2 || aging.length >= most) break;
      if (wanted) aging.push(key);
      // Or thousands of made-up ids would be gone through with every account that is read.
      else if (until <= now) this.entries.delete(key);
    }
    return aging;
  }

  set(key: string, value: Promise<Value>): Promise<Value> {
    this.entries.delete(key);
    // The oldest goes: ids that do not exist are remembered too, and anyone can make those up.
    const oldest = this.entries.keys().next();
    if (this.entries.size >= this.capacity && oldest.done !== true) this.entries.delete(oldest.value);
    const entry = { value, until: this.monotonicNow() + this.lifetimeMs, wanted: false };
    this.entries.set(key, entry);
    value.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key); // a failure is nobody else's
    });
    return value;
  }

  delete(key: string): void {
    this.entries.delete(key);
  }
}

interface CacheEntry<Value> {
  readonly value: Promise<Value>;
  readonly until: number;
  wanted: boolean;
}
