import { Injectable, Logger } from '@nestjs/common';
import { AccountDirectory, AccountRepository, LockedAccounts } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { TransactionRunner } from '../../database/index.js';
import type { AskedPause } from '../message-sender.port.js';
import { pauseEnd } from './delivery.policy.js';

export interface OtherPause {
  readonly accountId: string;
  readonly asked: AskedPause;
  /** When the call began that was told so. */
  readonly calledAt: Date;
}

/**
 * Pauses of the other accounts of an app that is to make no calls. Each is a transaction of its own, after what was learnt is
 * recorded: one that wrote many accounts' rows would meet deliveries, which share those rows in their own order, in a deadlock
 * again and again, and hold them up meanwhile. What is lost with the process, the account finds out by its next call.
 */
@Injectable()
export class AppPauses {
  private readonly logger = new Logger('Accounts');
  private readonly waiting = new Map<string, OtherPause>();
  private running: Promise<void> | null = null;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly directory: AccountDirectory,
    private readonly clock: Clock,
    private readonly locked: LockedAccounts,
  ) {}

  /** Of what many calls are told at once, each account is written the longest pause, once. */
  add(pauses: readonly OtherPause[]): void {
    for (const pause of pauses) {
      const known = this.waiting.get(pause.accountId);
      if (!known || known.asked.forMs < pause.asked.forMs) this.waiting.set(pause.accountId, pause);
    }
    if (this.running || this.waiting.size === 0) return;
    this.running = this.writeAll();
  }

  /** Resolves when all that was added is written, or given up. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  /** Never rejects. */
  private async writeAll(): Promise<void> {
    for (let [next] = this.waiting.values(); next; [next] = this.waiting.values()) {
      this.waiting.delete(next.accountId);
      await this.write(next);
    }
    // On the spot: what is added from now on needs another run.
    this.running = null;
  }

  private async write({ accountId, asked, calledAt }: OtherPause): Promise<void> {
    // Nobody can write to its row: it finds out by its next call.
    if (this.locked.has(accountId)) return;
    const until = pauseEnd(this.clock.now(), asked.forMs);
    try {
      await this.transactions.run((tx) => this.accounts.pauseSending(tx, accountId, until, asked.reason, calledAt));
      this.directory.evict(accountId);
      this.logger.warn({ msg: `Sending is paused until ${until.toISOString()}: ${asked.reason}`, accountId });
    } catch (error) {
      this.logger.warn({ msg: `A pause of its app could not be recorded, and is found out by the next call: ${messageOf(error)}`, accountId });
    }
  }
}
