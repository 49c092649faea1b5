import { Injectable } from '@nestjs/common';
import { laneOf } from '../lanes.js';

/**
 * Which accounts this process has rung for. A bell names only the lane; knowing the account saves a search of the
 * outbox for each of them. Only a shortcut: what is forgotten here is found by the sweeper, and what other processes have
 * rung for is not here (they ring here only if they do not send themselves).
 */
@Injectable()
export class OutboxHints {
  private readonly byLane = new Map<number, Set<string>>();

  add(accountId: string): void {
    this.addTo(laneOf(accountId), accountId);
  }

  addTo(lane: number, accountId: string): void {
    const accounts = this.byLane.get(lane) ?? new Set<string>();
    this.byLane.set(lane, accounts.add(accountId));
  }

  /** The lane's accounts, which are then forgotten. */
  take(lane: number): ReadonlySet<string> {
    const accounts = this.byLane.get(lane) ?? new Set<string>();
    this.byLane.delete(lane);
    return accounts;
  }
}
