import { Injectable } from '@nestjs/common';
import { ClaimSet, type Claim, type ClaimWish } from './claim-set.js';

export type { Claim } from './claim-set.js';

/** Accounts in one transaction: it holds their lanes, and another instance must find some of the 64 free. */
const MOST_TOGETHER = 16;
/** Transactions at once: while one waits for the disk, the next asks. */
const MOST_AT_ONCE = 2;

interface Waiting extends ClaimWish {
  readonly resolve: (claim: Claim) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Takes accounts' next sends. Accounts that ask while others are being served share the next transaction: with one for
 * each, a commit and some ten statements would be paid for every two or three messages.
 */
@Injectable()
export class ClaimSends {
  private waiting: Waiting[] = [];
  private running = 0;

  constructor(private readonly set: ClaimSet) {}

  /** @param settling how many stand as unsettled although their outcome is known, and about to be recorded */
  async execute(accountId: string, room: number, settling = 0): Promise<Claim> {
    return await new Promise<Claim>((resolve, reject) => {
      this.waiting.push({ accountId, room, settling, resolve, reject });
      if (this.running >= MOST_AT_ONCE) return;
      this.running++;
      // After all that this turn of the event loop brings.
      setImmediate(() => void this.run());
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) await this.serve(this.takeGroup());
    this.running--;
  }

  /** Of one account one wish at a time: two would be given the same messages. */
  private takeGroup(): Waiting[] {
    const group = new Map<string, Waiting>();
    const rest: Waiting[] = [];
    for (const one of this.waiting) {
      if (group.size < MOST_TOGETHER && !group.has(one.accountId)) group.set(one.accountId, one);
      else rest.push(one);
    }
    this.waiting = rest;
    return [...group.values()];
  }

  /** Never rejects: each is told by itself. */
  private async serve(group: readonly Waiting[]): Promise<void> {
    try {
      const claims = await this.set.execute(group);
      for (const [i, one] of group.entries()) one.resolve(claims[i] ?? { kind: 'busy' });
    } catch (error) {
      const [only] = group;
      if (group.length === 1) only?.reject(error);
      // What one of them cannot get must not keep the others from theirs.
      else for (const one of group) await this.serve([one]);
    }
  }
}
