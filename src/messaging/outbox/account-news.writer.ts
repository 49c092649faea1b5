import { Injectable, Logger } from '@nestjs/common';
import { AccountDirectory, AccountRepository, LockedAccounts } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import type { Tx } from '../../database/index.js';
import type { AskedPause } from '../message-sender.port.js';
import { accountNews, type AccountCall, type AccountNews } from './account-news.js';
import { AppPauses, type OtherPause } from './app-pauses.js';
import { pauseEnd } from './delivery.policy.js';

/** What calls say of the accounts they were made for, in the order of these, and of the others of their apps. */
export interface GatheredNews {
  readonly own: readonly AccountNews[];
  readonly others: readonly OtherPause[];
}

/** Keeps what calls say of accounts (dead tokens, pauses and their ends), so that restarts and other instances know it. */
@Injectable()
export class AccountNewsWriter {
  private readonly logger = new Logger('Accounts');

  constructor(
    private readonly accounts: AccountRepository,
    private readonly directory: AccountDirectory,
    private readonly clock: Clock,
    private readonly locked: LockedAccounts,
    private readonly apps: AppPauses,
  ) {}

  /** To be called before the transaction: which accounts belong to one app is known by their secrets alone. */
  async gather(calls: readonly AccountCall[]): Promise<GatheredNews> {
    const news = new Map(accountNews(calls).map((one) => [one.accountId, one]));
    const others: OtherPause[] = [];
    for (const { accountId, pause } of [...news.values()]) {
      if (pause?.asked.scope !== 'app') continue;
      for (const id of await this.directory.listOfSameApp(accountId)) {
        const known = news.get(id);
        if (!known) others.push({ accountId: id, ...pause });
        else if (!known.pause || known.pause.asked.forMs < pause.asked.forMs) news.set(id, { ...known, pause });
      }
    }
    return { own: [...news.values()], others };
  }

  /** Of the accounts that called; the others of their apps follow after the commit. */
  async write(tx: Tx, { own, others }: GatheredNews): Promise<void> {
    tx.afterCommit(() => {
      this.apps.add(others);
    });
    for (const { accountId, token, pause, resumedAt } of own) {
      // That nobody can write to it must not keep the rest from being recorded. It finds out by its next call.
      if (this.locked.has(accountId)) continue;
      if (token) await this.accounts.markTokenStatus(tx, accountId, token);
      if (pause) await this.accounts.pauseSending(tx, accountId, this.endOf(pause.asked), pause.asked.reason, pause.calledAt);
      else if (resumedAt) await this.accounts.resumeSending(tx, accountId, resumedAt);
      tx.afterCommit(() => {
        this.directory.evict(accountId);
        if (pause) this.logger.warn({ msg: `Sending is paused until ${this.endOf(pause.asked).toISOString()}: ${pause.asked.reason}`, accountId });
        else if (resumedAt) this.logger.log({ msg: 'Sending goes on after a pause', accountId });
      });
    }
  }

  private endOf({ forMs }: AskedPause): Date {
    return pauseEnd(this.clock.now(), forMs);
  }
}
