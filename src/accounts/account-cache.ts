/**
 * Holds what was loaded for a moment, by key. What is kept is the promise, so that many who ask at once share one load;
 * and one that began before an eviction is not found again after it.
 */
export class AccountCache<Value> {
  private readonly entries = new Map<string, { readonly value: Promise<Value>; readonly until: number }>();

  constructor(
    private readonly lifetimeMs: number,
    private readonly capacity: number,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  get(key: string): Promise<Value> | undefined {
    const entry = this.entries.get(key);
    return entry && entry.until > this.monotonicNow() ? entry.value : undefined;
  }

  set(key: string, value: Promise<Value>): Promise<Value> {
    this.entries.delete(key);
    // The oldest goes: ids that do not exist are remembered too, and anyone can make those up.
    const oldest = this.entries.keys().next();
    if (this.entries.size >= this.capacity && oldest.done !== true) this.entries.delete(oldest.value);
    const entry = { value, until: this.monotonicNow() + this.lifetimeMs };
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
