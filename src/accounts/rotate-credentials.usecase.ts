import { Injectable } from '@nestjs/common';
import { Dialect, TransactionRunner, type Tx } from '../database/index.js';
import { AccountCredentials } from './account-credentials.js';
import { AccountDirectory } from './account-directory.js';
import type { AccountEntity } from './account.entity.js';
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
  /** Accounts whose key is lost, kept without credentials that open. */
  readonly givenUp: readonly string[];
  /** Accounts whose row another session of the database would not let go of. */
  readonly locked: readonly string[];
  /** Still under another key, these among them; more where an instance with the old key wrote meanwhile. */
  readonly remaining: number;
}

/** What became of a few accounts. */
interface Rotated {
  readonly rotated: readonly string[];
  readonly failed: readonly string[];
  readonly damaged: readonly string[];
  readonly givenUp: readonly string[];
}

export interface RotationOptions {
  readonly batchSize?: number;
  /** Credentials whose key is missing are given up: their accounts need new ones, and no longer stop the start. */
  readonly giveUp?: boolean;
  readonly onProgress?: (progress: RotationProgress) => void;
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
    private readonly dialect: Dialect,
  ) {}

  async execute({ batchSize = 100, giveUp = false, onProgress = () => undefined }: RotationOptions = {}): Promise<RotationResult> {
    const keyId = this.credentials.currentKeyId;
    const total = await this.transactions.read((tx) => this.accounts.countSealedOtherwise(tx, keyId));
    const failed: string[] = [];
    const damaged: string[] = [];
    const givenUp: string[] = [];
    let rotated = 0;
    const note = (batch: Rotated): void => {
      failed.push(...batch.failed);
      damaged.push(...batch.damaged);
      givenUp.push(...batch.givenUp);
      rotated += batch.rotated.length;
      for (const id of [...batch.rotated, ...batch.givenUp]) this.directory.evict(id);
      const done = rotated + failed.length + givenUp.length;
      onProgress({ done, total: Math.max(total, done) });
    };
    onProgress({ done: 0, total });
    const held: string[] = [];
    for (let afterId = ''; ;) {
      const batch = await this.transactions.run((tx) => this.rotateNext(tx, keyId, afterId, batchSize, giveUp));
      held.push(...batch.held);
      note(batch);
      if (batch.lastId === null) break;
      afterId = batch.lastId;
    }
    const locked = await this.rotateHeld(keyId, held, giveUp, note);
    const remaining = await this.transactions.read((tx) => this.accounts.countSealedOtherwise(tx, keyId));
    return { rotated, failed, damaged, givenUp, locked, remaining };
  }

  private async rotateNext(tx: Tx, keyId: string, afterId: string, size: number, giveUp: boolean) {
    const ids = await this.accounts.listSealedOtherwise(tx, keyId, afterId, size);
    const lastId = ids.at(-1) ?? null;
    if (lastId === null) return { rotated: [], failed: [], damaged: [], givenUp: [], held: [], lastId };
    const rows = await this.accounts.lockSealedOtherwise(tx, keyId, ids, 'pass over');
    const here = new Set(rows.map(({ id }) => id));
    return { ...(await this.rotate(tx, rows, giveUp)), held: ids.filter((id) => !here.has(id)), lastId };
  }

  /** Mostly a delivery's lock, which is gone by now. @returns those that were waited for in vain */
  private async rotateHeld(
    keyId: string, ids: readonly string[], giveUp: boolean, note: (batch: Rotated) => void,
  ): Promise<string[]> {
    const locked: string[] = [];
    for (const id of ids) {
      try {
        note(await this.transactions.run(async (tx) => (
          this.rotate(tx, await this.accounts.lockSealedOtherwise(tx, keyId, [id], 'wait'), giveUp)
        )));
      } catch (error) {
        // One that somebody keeps locked must not keep the others under a key that is to be retired.
        if (!this.dialect.isLockWait(error)) throw error;
        locked.push(id);
      }
    }
    return locked;
  }

  private async rotate(tx: Tx, rows: readonly AccountEntity[], giveUp: boolean): Promise<Rotated> {
    const rotated: string[] = [];
    const failed: string[] = [];
    const damaged: string[] = [];
    const givenUp: string[] = [];
    for (const account of rows) {
      const plain = this.openedOrNull(account);
      if (plain) {
        await this.accounts.saveSealed(tx, account.id, this.credentials.seal(account.id, plain));
        rotated.push(account.id);
        continue;
      }
      const keyIsHere = this.credentials.knowsKeyOf(account);
      if (giveUp && !keyIsHere) {
        await this.accounts.giveUpCredentials(tx, account.id, this.credentials.currentKeyId);
        givenUp.push(account.id);
        continue;
      }
      failed.push(account.id);
      if (keyIsHere) damaged.push(account.id);
    }
    return { rotated, failed, damaged, givenUp };
  }

  /** One damaged account must not keep the others under a key that is to be retired. */
  private openedOrNull(account: AccountEntity) {
    try {
      return this.credentials.openAll(account);
    } catch {
      return null; // named in the result
    }
  }
}
