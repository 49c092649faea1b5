import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';

/** Accounts that this process leaves alone for a while. */
@Injectable()
export class AccountPauses {
  private readonly until = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  pause(accountId: string, ms: number): void {
    this.until.set(accountId, this.clock.now().getTime() + ms);
  }

  isPaused(accountId: string): boolean {
    const until = this.until.get(accountId);
    if (until === undefined) return false;
    if (until > this.clock.now().getTime()) return true;
    this.until.delete(accountId);
    return false;
  }
}
