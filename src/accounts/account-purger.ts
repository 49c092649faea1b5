import { Injectable, Logger, Optional, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../common/errors.js';
import { TransactionRunner, type Tx } from '../database/index.js';
import { ACCOUNT_TABLES, AccountDataRepository, type AccountTable } from './account-data.repository.js';

/** Rows a transaction: short enough that nobody waits for its locks. */
const PIECE = 1000;
const RETRY_AFTER_MS = 10_000;
/** For an instance that has begun a purge and is gone. */
const LOOK_EVERY_MS = 60_000;

/**
 * Removes the data of accounts marked as deleted, piece by piece, also a million messages. A purge that a shutdown or
 * an error broke off goes on: at the next start, after a pause, or on another instance.
 */
@Injectable()
export class AccountPurger implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(AccountPurger.name);
  private readonly running = new Map<string, Promise<void>>();
  protected readonly lookEveryMs: number = LOOK_EVERY_MS;
  private stopping = false;
  private looking: Promise<void> | null = null;
  private readonly wakeAll = new AbortController();

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly data: AccountDataRepository,
    @Optional() private readonly http?: HttpAdapterHost,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // The command line ends in a moment: the service does this work.
    if (!this.http?.httpAdapter) return;
    await this.takeUp();
    this.looking = this.lookAround();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.wakeAll.abort();
    await this.looking;
    await Promise.all(this.running.values());
  }

  /** Goes on with what is marked as deleted, whoever has begun it. */
  private async takeUp(): Promise<void> {
    const ids = await this.transactions.read((tx) => this.data.listDeleted(tx));
    for (const id of ids) void this.purge(id);
  }

  /** Resolves when nothing is left, or when the service stops. Never rejects: an error is logged and the purge goes on later. */
  purge(accountId: string): Promise<void> {
    const known = this.running.get(accountId);
    if (known) return known;
    const purge = this.untilDone(accountId).finally(() => this.running.delete(accountId));
    this.running.set(accountId, purge);
    return purge;
  }

  private async lookAround(): Promise<void> {
    for (;;) {
      await pause(this.lookEveryMs, this.wakeAll.signal);
      if (this.stopping) return;
      await this.takeUp().catch((error: unknown) => {
        this.logger.warn(`deleted accounts could not be looked for: ${messageOf(error)}`);
      });
    }
  }

  private async untilDone(accountId: string): Promise<void> {
    while (!this.stopping) {
      try {
        await this.remove(accountId);
        return;
      } catch (error) {
        this.logger.warn(`deleting the data of account ${accountId} is put off: ${messageOf(error)}`);
        await pause(RETRY_AFTER_MS, this.wakeAll.signal);
      }
    }
  }

  private async remove(accountId: string): Promise<void> {
    for (const table of Object.keys(ACCOUNT_TABLES) as AccountTable[]) {
      await this.repeat((tx) => this.data.deletePiece(tx, accountId, table, PIECE));
    }
    // Not over all tables again: a writer that does not rest would have filled one meanwhile.
    await this.repeat(async (tx) => !(await this.data.deleteEmptied(tx, accountId, PIECE)));
  }

  /** One transaction after another, until there is no more to do or the service stops. */
  private async repeat(piece: (tx: Tx) => Promise<boolean>): Promise<void> {
    let more = true;
    while (more && !this.stopping) more = await this.transactions.run(piece);
  }
}

/** Ends early when the service stops; keeps no process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
