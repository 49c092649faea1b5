/** Accounts that this process leaves alone for a while. */
export class AccountPauses {
  private readonly until = new Map<string, number>();

  /** @param monotonicNow in milliseconds: a clock that is set back must not make a pause of seconds one of hours */
  constructor(private readonly monotonicNow: () => number = () => performance.now()) {}

  pause(accountId: string, ms: number): void {
    this.until.set(accountId, this.monotonicNow() + ms);
  }

  isPaused(accountId: string): boolean {
    const until = this.until.get(accountId);
    if (until === undefined) return false;
    if (until > this.monotonicNow()) return true;
    this.until.delete(accountId);
    return false;
  }
}
