import type { PaceLimits } from './pace-limits.js';
import { PaceLine, SYSTEM_TIME, type Asked, type PaceTime } from './pace-line.js';
import { Pace, type PaceKind, type Pass } from './pace.port.js';
import { PassLog } from './pass-log.js';

/** For the one process there is without Redis. */
export class InProcessPace extends Pace {
  private readonly line: PaceLine;
  private readonly log: PassLog;

  constructor(
    limits: PaceLimits,
    private readonly time: PaceTime = SYSTEM_TIME,
  ) {
    super();
    this.line = new PaceLine(time);
    this.log = new PassLog(limits);
  }

  override async open(): Promise<void> {
    // Nothing to open.
  }

  override close(): void {
    // Nothing to close.
  }

  override async take(accountId: string, kinds: readonly PaceKind[], patienceMs: number): Promise<Pass> {
    // A line for each set of kinds: a private reply that waits for its hour keeps no text waiting.
    const key = `${accountId} ${kinds.join(' ')}`;
    return await this.line.take(key, kinds, () => this.ask(accountId, kinds), patienceMs);
  }

  private ask(accountId: string, kinds: readonly PaceKind[]): Asked {
    const now = this.time.now();
    const waitMs = this.log.ask(accountId, kinds, now);
    if (waitMs > 0) return { waitMs };
    return {
      giveBack: (given) => {
        this.log.forget(accountId, given, now);
      },
    };
  }
}
