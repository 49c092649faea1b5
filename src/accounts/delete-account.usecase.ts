import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.js';
import { Clock } from '../common/clock.js';
import type { RequestContext } from '../common/request-context.js';
import { TransactionRunner } from '../database/index.js';
import { AccountDirectory } from './account-directory.js';
import { AccountPurger } from './account-purger.js';
import { AccountRepository } from './account.repository.js';
import { AccountNotFoundError } from './accounts.errors.js';
import { EndSubscription } from './end-subscription.js';

/** Proxies give up on an answer after half a minute or a little more. */
const WAIT_MS = 20_000;

/**
 * Hides the account at once and for good, has Meta deliver for it no longer, then removes its data in pieces. A caller waits
 * for that while it is a matter of seconds; a large account goes on being removed behind the answer.
 */
@Injectable()
export class DeleteAccountUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly audit: AuditTrail,
    private readonly directory: AccountDirectory,
    private readonly purger: AccountPurger,
    private readonly endSubscription: EndSubscription,
    private readonly clock: Clock,
  ) {}

  async execute(ctx: RequestContext, accountId: string): Promise<void> {
    const subscription = await this.transactions.run(async (tx) => {
      const account = await this.accounts.findForUpdate(tx, accountId);
      if (!account) throw new AccountNotFoundError(accountId);
      await this.accounts.markDeleted(tx, accountId, this.clock.now());
      await this.audit.record(tx, ctx, {
        action: 'account.delete',
        accountId,
        target: `account:${accountId}`,
        changes: { username: account.username },
      });
      tx.afterCommit(() => { this.directory.evict(accountId); });
      return this.endSubscription.plan(account);
    });
    // Before the purge: until that is done nobody can add the account anew, whose subscription this would end.
    if (subscription) await this.endSubscription.execute(ctx, accountId, subscription);
    await atMost(WAIT_MS, this.purger.purge(accountId));
  }
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => { timer = setTimeout(resolve, ms); });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
