import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { TransactionRunner } from '../database/index.js';
import { AccountRepository } from './account.repository.js';

const LOOK_AGAIN_MS = 1000;

/**
 * Accounts whose row somebody keeps locked in the database: an open session of a person, a host that vanished. Every row that
 * names an account waits for that lock, and those who wait for it would keep all other accounts waiting. Filled by whoever
 * has waited in vain; an account is taken off within a second of its row being free.
 */
@Injectable()
export class LockedAccounts {
  private readonly logger = new Logger('LockedAccounts');
  private locked: ReadonlySet<string> = new Set();
  private looking: NodeJS.Timeout | undefined;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
  ) {}

  get ids(): readonly string[] {
    return [...this.locked];
  }

  get size(): number {
    return this.locked.size;
  }

  has(id: string): boolean {
    return this.locked.has(id);
  }

  /** To be called after a wait for a lock that was in vain. @returns those of `ids` that are locked */
  async find(ids: Iterable<string>): Promise<ReadonlySet<string>> {
    const found = new Set(await this.ask([...new Set(ids)]));
    for (const id of found) {
      if (!this.locked.has(id)) {
        this.logger.error({ msg: 'The row of this account is locked by another session of the database: its deliveries are refused for now, the rest of its work waits', accountId: id });
      }
    }
    this.locked = new Set([...this.locked, ...found]);
    if (this.locked.size > 0) this.looking ??= setTimeout(() => void this.lookAgain(), LOOK_AGAIN_MS).unref();
    return found;
  }

  private async lookAgain(): Promise<void> {
    const before = this.locked;
    try {
      const still = new Set(await this.ask([...before]));
      this.locked = new Set([...this.locked].filter((id) => still.has(id) || !before.has(id)));
      for (const id of before) if (!still.has(id)) this.logger.log({ msg: 'The row of this account is free again', accountId: id });
    } catch (error) {
      this.logger.error(`Which accounts are locked cannot be asked: ${messageOf(error)}`);
    }
    this.looking = this.locked.size > 0 ? setTimeout(() => void this.lookAgain(), LOOK_AGAIN_MS).unref() : undefined;
  }

  private async ask(ids: readonly string[]): Promise<string[]> {
    return await this.transactions.run((tx) => this.accounts.listLocked(tx, ids));
  }
}
