import { Injectable } from '@nestjs/common';
import {
  accessTokenHash, AccountCareRepository, AccountDirectory, AccountNotFoundError, AccountRepository, CredentialsUnreadableError, type Verification,
} from '../../accounts/index.js';
import { AuditTrail } from '../../audit/index.js';
import { Clock } from '../../common/clock.js';
import type { RequestContext } from '../../common/request-context.js';
import { TransactionRunner } from '../../database/index.js';
import { InstagramAccountVerifier, type InstagramVerification } from './instagram-account.verifier.js';

/** Asks Graph whom the stored token belongs to, and notes whether it is accepted. */
@Injectable()
export class VerifyAccountUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly directory: AccountDirectory,
    private readonly accounts: AccountRepository,
    private readonly care: AccountCareRepository,
    private readonly verifier: InstagramAccountVerifier,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async execute(ctx: RequestContext, accountId: string): Promise<Verification> {
    const askedAt = this.clock.now();
    const { accessToken, tokenAccepted, ok, userId, username, error } = await this.ask(accountId);
    // A token of another account is accepted by Graph, and can still send nothing for this one.
    const status = ok ? 'valid' : tokenAccepted === null ? null : 'invalid';
    await this.transactions.run(async (tx) => {
      if (status !== null && accessToken !== null) {
        await this.accounts.markTokenStatus(tx, accountId, { tokenHash: accessTokenHash(accessToken), status, calledAt: askedAt });
        // What was wrong with it may be wrong no longer, or something may be from now on.
        await this.care.restart(tx, accountId, ['token'], this.clock.now());
      }
      await this.audit.record(tx, ctx, { action: 'account.verify', accountId, target: `account:${accountId}`, changes: { ok } });
      tx.afterCommit(() => {
        this.directory.evict(accountId);
      });
    });
    return { ok, userId, username, error };
  }

  private async ask(accountId: string): Promise<InstagramVerification & { readonly accessToken: string | null }> {
    this.directory.evict(accountId); // what is stored is asked about, not what this instance remembers
    try {
      const accessToken = await this.directory.accessToken(accountId);
      if (accessToken === null) throw new AccountNotFoundError(accountId);
      return { accessToken, ...(await this.verifier.verify({ accountId, accessToken })) };
    } catch (error) {
      if (!(error instanceof CredentialsUnreadableError)) throw error;
      return { accessToken: null, tokenAccepted: null, ok: false, userId: null, username: null, error: error.message };
    }
  }
}
