import type { FormerPasses } from './former-passes.js';
import type { PaceLimits } from './pace-limits.js';
import { PaceLine, SYSTEM_TIME, type Asked, type PaceTime } from './pace-line.js';
import { Pace, type PaceKind, type Pass } from './pace.port.js';
import { PassLog } from './pass-log.js';

const NONE: FormerPasses = { agesOf: () => Promise.resolve([]) };

/** For the one process there is without Redis. */
export class InProcessPace extends Pace {
  private readonly line: PaceLine;
  private readonly log: PassLog;
  private readonly since: number;
  /** Of which accounts the hour before this process is counted, or being read. */
  private readonly recalled = new Map<string, 'counted' | Promise<void>>();

  constructor(
    private readonly limits: PaceLimits,
    private readonly time: PaceTime = SYSTEM_TIME,
    private readonly former: FormerPasses = NONE,
  ) {
    super();
    this.line = new PaceLine(time);
    this.log = new PassLog(limits);
    this.since = time.now();
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

  private ask(accountId: string, kinds: readonly PaceKind[]): Asked | Promise<Asked> {
    if (kinds.includes('private_replies') && this.mustRecall(accountId)) return this.recall(accountId);
    const now = this.time.now();
    const waitMs = this.log.ask(accountId, kinds, now);
    if (waitMs > 0) return { waitMs };
    return {
      giveBack: (given) => {
        this.log.forget(accountId, given, now);
      },
    };
  }

  /** Of an hour that began before this process did, it has not seen everything. The seconds are over before anything is sent. */
  private mustRecall(accountId: string): boolean {
    return this.recalled.get(accountId) !== 'counted' && this.time.now() - this.since < this.limits.private_replies.windowMs;
  }

  /** What went out in the hour's part before this process, counted once; then it is asked again, since its patience may be over. */
  private async recall(accountId: string): Promise<Asked> {
    const known = this.recalled.get(accountId);
    const recalling = typeof known === 'object' ? known : this.readFormer(accountId);
    this.recalled.set(accountId, recalling);
    await recalling;
    return { waitMs: 0 };
  }

  private async readFormer(accountId: string): Promise<void> {
    const ages = await this.former.agesOf(accountId, this.limits.private_replies.windowMs);
    const now = this.time.now();
    this.log.recall(accountId, 'private_replies', ages.map((age) => now - age), now);
    this.recalled.set(accountId, 'counted');
  }
}
