/** An account's first calls may use the last slots; its further ones leave a quarter of them free. */
const FIRST_CALLS = 4;

/**
 * Calls at once over all accounts. Alone an account may have many; but however many calls of some accounts hang, there
 * are slots left for the first calls of others.
 */
export class Slots {
  private readonly reserved: number;
  private readonly held = new Map<string, number>();
  private wakeUps: (() => void)[] = [];

  constructor(private free: number) {
    this.reserved = Math.floor(free / 4);
  }

  /** Takes up to `most` for the account, as many as it may have now; that can be none. */
  take(accountId: string, most: number): number {
    const before = this.held.get(accountId) ?? 0;
    let held = before;
    while (held - before < most && this.free > (held < FIRST_CALLS ? 0 : this.reserved)) {
      held++;
      this.free--;
    }
    if (held > 0) this.held.set(accountId, held);
    return held - before;
  }

  give(accountId: string, count: number): void {
    if (count === 0) return;
    const held = (this.held.get(accountId) ?? 0) - count;
    if (held > 0) this.held.set(accountId, held);
    else this.held.delete(accountId);
    this.free += count;
    const wakeUps = this.wakeUps;
    this.wakeUps = [];
    for (const wakeUp of wakeUps) wakeUp();
  }

  /** Resolves when some were given back: then it is worth trying again. */
  async givenBack(): Promise<void> {
    await new Promise<void>((resolve) => this.wakeUps.push(resolve));
  }
}
