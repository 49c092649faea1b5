import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { AppSettings } from '../../config/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { Instances } from '../instances/instances.js';
import { RetentionRepository, type AgingTable } from './retention.repository.js';

const EVERY_MS = 30 * 60_000;
const FIRST_AFTER_MS = 60_000;
/** Small, so that no delivery waits long behind a piece. */
const PIECE = 500;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Removes what is older than EVENT_RETENTION_DAYS: settled events, changes without a message, keys of manual sends, and
 * what it takes to send failed ones again. Messages stay.
 */
@Injectable()
export class RetentionJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Retention');
  private readonly end = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly retention: RetentionRepository,
    private readonly settings: AppSettings,
    private readonly instances: Instances,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.loop = this.goOn();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.end.abort();
    await this.loop;
  }

  async run(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - this.settings.eventRetentionDays * DAY_MS);
    await this.eachAccount('webhook_events', (tx, id) => this.retention.deleteSettledEvents(tx, id, before, PIECE));
    await this.eachAccount('idempotency_keys', (tx, id) => this.retention.deleteAged(tx, 'idempotency_keys', id, before, PIECE));
    await this.eachAccount('failed_sends', (tx, id) => this.retention.deleteAged(tx, 'failed_sends', id, before, PIECE));
    await this.eachAccount('early_changes', (tx, id) => this.retention.deleteEarlyChanges(tx, id, before, PIECE));
    await this.inPieces((tx) => this.retention.deleteUnroutedEvents(tx, before, PIECE));
  }

  private async eachAccount(table: AgingTable, remove: (tx: Tx, accountId: string) => Promise<boolean>): Promise<void> {
    let accountId = await this.nextAccount(table, '');
    while (accountId !== null && !this.end.signal.aborted) {
      const current = accountId;
      await this.inPieces((tx) => remove(tx, current));
      accountId = await this.nextAccount(table, current);
    }
  }

  private async nextAccount(table: AgingTable, after: string): Promise<string | null> {
    return await this.transactions.read((tx) => this.retention.findNextAccount(tx, table, after));
  }

  /** Each piece in its own transaction. */
  private async inPieces(remove: (tx: Tx) => Promise<boolean>): Promise<void> {
    let more = true;
    while (more && !this.end.signal.aborted) more = await this.transactions.run(remove);
  }

  private async goOn(): Promise<void> {
    const { signal } = this.end;
    await delay(FIRST_AFTER_MS, undefined, { signal, ref: false }).catch(() => undefined);
    while (!signal.aborted) {
      try {
        // Of several instances one is enough.
        if (this.instances.isEldest) await this.run();
      } catch (error) {
        this.logger.error(`Removing old events failed: ${messageOf(error)}`);
      }
      await delay(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
