import { Injectable } from '@nestjs/common';
import { TransactionRunner } from '../database/index.js';
import { AccountCredentials } from './account-credentials.js';
import { AccountDirectory } from './account-directory.js';
import { AccountRepository } from './account.repository.js';

export interface RotationProgress {
  readonly done: number;
  readonly total: number;
}

export interface RotationResult {
  readonly rotated: number;
  /** Accounts whose credentials could not be opened: their key is missing, or they are damaged. */
  readonly failed: readonly string[];
  /** Of these, the accounts whose key is here: no other key would help. */
  readonly damaged: readonly string[];
  /** Still under another key, the failed among them; more where an instance with the old key wrote meanwhile. */
  readonly remaining: number;
}

/**
 * Seals every account's credentials with the newest key. What is done is committed batch by batch and recognised by the
 * key a row names, so a rotation that was broken off simply runs again.
 */
@Injectable()
export class RotateCredentialsUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly credentials: AccountCredentials,
    private readonly directory: AccountDirectory,
  ) {}

  async execute(batchSize = 100, onProgress: (progress: RotationProgress) => void = () => undefined): Promise<RotationResult> {
    const keyId = this.credentials.currentKeyId;
    const total = await this.transactions.read((tx) => this.accounts.countSealedOtherwise(tx, keyId));
    const failed: string[] = [];
    const damaged: string[] = [];
    let rotated = 0;
    let afterId = '';
    onProgress({ done: 0, total });
    for (;;) {
      const batch = await this.rotateBatch(keyId, afterId, batchSize);
      failed.push(...batch.failed);
      damaged.push(...batch.damaged);
      rotated += batch.rotated.length;
      for (const id of batch.rotated) this.directory.evict(id);
      onProgress({ done: rotated + failed.length, total: Math.max(total, rotated + failed.length) });
      if (batch.lastId === null) break;
      afterId = batch.lastId;
    }
    const remaining = await this.transactions.read((tx) => this.accounts.countSealedOtherwise(tx, keyId));
    return { rotated, failed, damaged, remaining };
  }

  private rotateBatch(keyId: string, afterId: string, size: number) {
    return this.transactions.run(async (tx) => {
      const rotated: string[] = [];
      const failed: string[] = [];
      const damaged: string[] = [];
      const batch = await this.accounts.listSealedOtherwise(tx, keyId, afterId, size);
      for (const account of batch) {
        const plain = this.openedOrNull(account);
        if (!plain) {
          failed.push(account.id);
          if (this.credentials.knowsKeyOf(account)) damaged.push(account.id);
          continue;
        }
        await this.accounts.saveSealed(tx, account.id, this.credentials.seal(account.id, plain));
        rotated.push(account.id);
      }
      return { rotated, failed, damaged, lastId: batch.at(-1)?.id ?? null };
    });
  }

  /** One damaged account must not keep the others under a key that is to be retired. */
  private openedOrNull(account: Parameters<AccountCredentials['openAll']>[0]) {
    try {
      return this.credentials.openAll(account);
    } catch {
      return null; // named in the result
    }
  }
}
