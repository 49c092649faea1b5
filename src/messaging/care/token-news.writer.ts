import { Injectable } from '@nestjs/common';
import { accessTokenHash, AccountDirectory, AccountRepository, type StoredTokenStatus } from '../../accounts/index.js';
import { TransactionRunner } from '../../database/index.js';

/** Writes down what Graph said of a token. */
@Injectable()
export class TokenNewsWriter {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly directory: AccountDirectory,
  ) {}

  async write(accountId: string, accessToken: string, status: StoredTokenStatus, calledAt: Date): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.accounts.markTokenStatus(tx, accountId, { tokenHash: accessTokenHash(accessToken), status, calledAt });
      tx.afterCommit(() => {
        this.directory.evict(accountId);
      });
    });
  }
}
