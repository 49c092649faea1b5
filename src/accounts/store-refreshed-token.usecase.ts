import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.js';
import { Clock } from '../common/clock.js';
import type { RequestContext } from '../common/request-context.js';
import { TransactionRunner } from '../database/index.js';
import { AccountCredentials } from './account-credentials.js';
import { AccountDirectory } from './account-directory.js';
import { AccountRepository } from './account.repository.js';

export interface RefreshedToken {
  readonly accountId: string;
  /** The token that was refreshed. */
  readonly former: string;
  /** What Meta gave for it: another one, or the same with a longer life. */
  readonly accessToken: string;
  readonly expiresAt: Date;
  /** When Meta was asked. */
  readonly askedAt: Date;
}

/** Puts a refreshed token in the place of the one it was made from, and of no other: what people stored meanwhile wins. */
@Injectable()
export class StoreRefreshedTokenUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly credentials: AccountCredentials,
    private readonly audit: AuditTrail,
    private readonly directory: AccountDirectory,
    private readonly clock: Clock,
  ) {}

  /** @returns false when the account has another token by now, or is gone: then nothing is changed. */
  async execute(ctx: RequestContext, refreshed: RefreshedToken): Promise<boolean> {
    const { accountId, accessToken, expiresAt, askedAt } = refreshed;
    return await this.transactions.run(async (tx) => {
      const row = await this.accounts.findForUpdate(tx, accountId);
      if (!row) return false;
      const plain = this.credentials.openAll(row);
      if (plain.accessToken !== refreshed.former) return false;
      const now = this.clock.now();
      await this.accounts.update(tx, accountId, {
        ...this.credentials.seal(accountId, { ...plain, accessToken }),
        tokenExpiresAt: expiresAt,
        tokenStatus: 'valid',
        tokenCheckedAt: askedAt,
        tokenStoredAt: now,
        updatedAt: now,
      });
      await this.audit.record(tx, ctx, {
        action: 'account.token_refresh',
        accountId,
        target: `account:${accountId}`,
        changes: { accessToken: accessToken === plain.accessToken ? 'extended' : 'changed', tokenExpiresAt: { from: row.tokenExpiresAt, to: expiresAt } },
      });
      tx.afterCommit(() => {
        this.directory.evict(accountId);
      });
      return true;
    });
  }
}
