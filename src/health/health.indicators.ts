import { Injectable, Logger } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { WorkerPulse } from '../common/worker-pulse.js';
import { TransactionRunner } from '../database/index.js';
import { Doorbell, type Reach } from '../queue/index.js';
import { ageInSeconds, Backlog } from '../messaging/index.js';
import { DatabaseProbeRepository } from './database-probe.repository.js';
import { OutOfPatienceError, within } from './patience.js';

/** Together with everything around it, the answer must be out within two seconds. */
const PATIENCE_MS = 1_500;

const BELLS: Readonly<Record<Reach, string>> = {
  process: 'within this process',
  redis: 'for all instances, through Redis',
  redis_away: 'within this process, since Redis is away',
};

/** The checks behind `/health`. Their answers are public: plain words, never a driver's message, which names hosts and users. */
@Injectable()
export class HealthIndicators {
  private readonly logger = new Logger('Health');
  private pinging: Promise<void> | null = null;
  private databaseWasUp = true;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly transactions: TransactionRunner,
    private readonly probe: DatabaseProbeRepository,
    private readonly backlog: Backlog,
    private readonly pulse: WorkerPulse,
    private readonly doorbell: Doorbell,
    private readonly clock: Clock,
  ) {}

  async database(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('database');
    try {
      await within(PATIENCE_MS, this.ping());
      this.remember(true, 'The database answers again');
      return check.up();
    } catch (error) {
      const slow = error instanceof OutOfPatienceError;
      this.remember(
        false,
        slow ? 'The database does not answer in time' : `The database cannot be used: ${messageOf(error)}`,
      );
      return check.down(slow ? 'does not answer in time' : 'cannot be reached');
    }
  }

  /** A Redis that is away is shown and not red: the work goes on from the database, and a restart brings no Redis back. */
  queue(): HealthIndicatorResult {
    const check = this.indicators.check('queue');
    const bells = BELLS[this.doorbell.reach];
    const silent = this.pulse.silent();
    return silent.length > 0
      ? check.down({ message: `no sign of life from: ${silent.join(', ')}`, bells })
      : check.up({ workers: this.pulse.size, bells });
  }

  /** For people to see; a long queue or a dead token is no reason to restart the service, so this is always up. */
  async backlogShown(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('backlog');
    try {
      const { inbox, outbox, deadTokens, pausedAccounts, troubled } = await within(PATIENCE_MS, this.backlog.report());
      const now = this.clock.now();
      return check.up({
        inbox: { depth: inbox.depth, oldestSeconds: ageInSeconds(inbox.oldestAt, now) },
        outbox: { depth: outbox.depth, oldestSeconds: ageInSeconds(outbox.oldestAt, now) },
        deadTokens,
        pausedAccounts,
        troubledAccounts: troubled,
      });
    } catch {
      return check.up('not known: the database does not answer'); // the database check is the one that is red
    }
  }

  /** One at a time: a database that hangs must not be given a new waiting connection by every probe. */
  private ping(): Promise<void> {
    this.pinging ??= this.transactions
      .read((tx) => this.probe.ping(tx))
      .finally(() => {
        this.pinging = null;
      });
    return this.pinging;
  }

  /** Probes come every few seconds; a change is worth a line, the rest is not. */
  private remember(up: boolean, message: string): void {
    if (up === this.databaseWasUp) return;
    this.databaseWasUp = up;
    if (up) this.logger.log(message);
    else this.logger.error(message);
  }
}
