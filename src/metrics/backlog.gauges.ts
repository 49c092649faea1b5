import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import { Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { ageInSeconds, Backlog, type BacklogReport } from '../messaging/index.js';
import { MetricsRegistry } from './metrics.registry.js';

const PATIENCE_MS = 1_500;

/** Queue gauges, read from the database when somebody scrapes. Without the database they are absent, and the rest is served. */
@Injectable()
export class BacklogGauges {
  private readonly logger = new Logger(BacklogGauges.name);
  private readonly depth;
  private readonly age;
  private readonly deadTokens;
  private readonly pausedAccounts;
  private readonly troubled;
  private readonly unsettled;
  private readonly unsettledAge;

  constructor(
    registry: MetricsRegistry,
    private readonly backlog: Backlog,
    private readonly clock: Clock,
  ) {
    const registers = [registry];
    this.depth = new Gauge({
      name: 'instagram_queue_depth',
      help: 'Events (inbox) and messages (outbox) that wait, over all instances, counted up to 100000.',
      labelNames: ['queue'],
      registers,
    });
    this.age = new Gauge({
      name: 'instagram_queue_oldest_age_seconds',
      help: 'How long the one next in line has waited; 0 when nothing does.',
      labelNames: ['queue'],
      registers,
    });
    this.deadTokens = new Gauge({
      name: 'instagram_accounts_dead_token',
      help: 'Active accounts whose access token Graph refuses.',
      registers,
    });
    this.pausedAccounts = new Gauge({
      name: 'instagram_accounts_sending_paused',
      help: 'Active accounts for which Graph wants nothing to be sent for a while.',
      registers,
    });
    this.troubled = new Gauge({
      name: 'instagram_accounts_troubled',
      help: 'Accounts whose access token or webhook subscription could not be looked after the last time.',
      labelNames: ['about'],
      registers,
    });
    this.unsettled = new Gauge({
      name: 'instagram_outbox_unsettled',
      help: 'Sends that are on their way (sending) or looked up (uncertain), over all instances; the rest of the outbox is queued.',
      labelNames: ['status'],
      registers,
    });
    this.unsettledAge = new Gauge({
      name: 'instagram_outbox_unsettled_oldest_age_seconds',
      help: 'How long ago the oldest of them was taken in hand; 0 when there is none.',
      labelNames: ['status'],
      registers,
    });
  }

  /** Must not fail: counters are wanted most when the database is away. */
  async refresh(): Promise<void> {
    const report = await this.read();
    this.depth.reset();
    this.age.reset();
    this.troubled.reset();
    this.unsettled.reset();
    this.unsettledAge.reset();
    for (const gauge of [this.deadTokens, this.pausedAccounts]) gauge.remove(); // reset() would leave a 0 behind, which would be a claim
    if (!report) return;
    const now = this.clock.now();
    for (const queue of ['inbox', 'outbox'] as const) {
      this.depth.set({ queue }, report[queue].depth);
      this.age.set({ queue }, ageInSeconds(report[queue].oldestAt, now));
    }
    for (const status of ['sending', 'uncertain'] as const) {
      this.unsettled.set({ status }, report.unsettled[status].depth);
      this.unsettledAge.set({ status }, ageInSeconds(report.unsettled[status].oldestAt, now));
    }
    this.deadTokens.set(report.deadTokens);
    this.pausedAccounts.set(report.pausedAccounts);
    for (const about of ['token', 'subscription'] as const) this.troubled.set({ about }, report.troubled[about]);
  }

  private async read(): Promise<BacklogReport | null> {
    const abort = new AbortController();
    try {
      const late = delay(PATIENCE_MS, null, { signal: abort.signal, ref: false }).catch(() => null);
      return await Promise.race([this.backlog.report(), late]);
    } catch (error) {
      this.logger.warn(`The queues could not be read for /metrics: ${messageOf(error)}`);
      return null;
    } finally {
      abort.abort();
    }
  }
}
