import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { TransactionRunner } from '../database/index.js';
import { QueueDepthRepository, type QueueDepth, type TroubledAccounts, type UnsettledSends } from './queue-depth.repository.js';

export interface BacklogReport {
  readonly inbox: QueueDepth;
  readonly outbox: QueueDepth;
  /** Of the outbox. */
  readonly unsettled: UnsettledSends;
  readonly deadTokens: number;
  /** Accounts for which Graph wants nothing to be sent for a while. */
  readonly pausedAccounts: number;
  /** Accounts whose token or webhook subscription the service could not look after. */
  readonly troubled: TroubledAccounts;
}

const FRESH_MS = 2_000;

/** What waits, read at most once in two seconds however many probes and scrapes ask. */
@Injectable()
export class Backlog {
  private latest: { readonly at: number; readonly report: BacklogReport } | null = null;
  private reading: Promise<BacklogReport> | null = null;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly depths: QueueDepthRepository,
    private readonly clock: Clock,
  ) {}

  async report(): Promise<BacklogReport> {
    const now = this.clock.now().getTime();
    if (this.latest && Math.abs(now - this.latest.at) < FRESH_MS) return this.latest.report;
    // Shared, so that a database that hangs collects one waiting reader and not one a probe.
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return await this.reading;
  }

  private async read(): Promise<BacklogReport> {
    const report = await this.transactions.read(async (tx) => ({
      inbox: await this.depths.findInbox(tx),
      outbox: await this.depths.findOutbox(tx),
      unsettled: await this.depths.findUnsettled(tx),
      deadTokens: await this.depths.countDeadTokens(tx),
      pausedAccounts: await this.depths.countPausedAccounts(tx, this.clock.now()),
      troubled: await this.depths.countTroubled(tx),
    }));
    this.latest = { at: this.clock.now().getTime(), report };
    return report;
  }
}

/** Whole seconds since `at`; 0 when nothing waits. */
export function ageInSeconds(at: Date | null, now: Date): number {
  return at === null ? 0 : Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));
}
