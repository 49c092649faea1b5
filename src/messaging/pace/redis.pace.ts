import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../common/errors.js';
import type { PaceLimits } from './pace-limits.js';
import { PaceLine, SYSTEM_TIME, type Asked } from './pace-line.js';
import { Pace, type PaceKind, type Pass } from './pace.port.js';
import { PassLog } from './pass-log.js';
import type { RedisWindows } from './redis-windows.js';

const BEAT_EVERY_MS = 2_000;
const LOOK_AGAIN_AFTER_MS = 500;

/**
 * One window for all instances, in Redis. While that is away each instance goes on at once by its own log, with its share
 * of the limits, and what it let through is told to Redis when that is back.
 */
export class RedisPace extends Pace {
  private readonly logger = new Logger('Pace');
  private readonly line = new PaceLine(SYSTEM_TIME);
  private readonly own: PassLog;
  /** Passes made without asking, by kind and account: when. */
  private readonly unreported = new Map<string, number[]>();
  private readonly end = new AbortController();
  private away = true;
  /** How many there were when Redis was last heard: among so many the limits are shared without it. */
  private instances = 1;

  constructor(
    private readonly limits: PaceLimits,
    private readonly windows: RedisWindows,
  ) {
    super();
    this.own = new PassLog(limits);
  }

  override async open(): Promise<void> {
    await this.windows.connect().catch(() => undefined); // said by the beat
    await this.beat();
    if (this.away) this.logger.warn('Redis is away: the limits of sends are kept by this instance alone until it comes');
    void this.goOnBeating();
  }

  override close(): void {
    this.end.abort();
    this.windows.close();
  }

  override async take(accountId: string, kinds: readonly PaceKind[], patienceMs: number): Promise<Pass> {
    const key = `${accountId} ${kinds.join(' ')}`;
    return await this.line.take(key, kinds, () => this.ask(accountId, kinds), patienceMs);
  }

  private async ask(accountId: string, kinds: readonly PaceKind[]): Promise<Asked> {
    if (!this.away) {
      try {
        return await this.askRedis(accountId, kinds);
      } catch (error) {
        this.leave(error);
      }
    }
    const now = SYSTEM_TIME.now();
    const waitMs = this.own.ask(accountId, kinds, now, this.instances);
    if (waitMs > 0) return { waitMs };
    this.remember(accountId, kinds, now);
    return {
      giveBack: (given) => {
        this.own.forget(accountId, given, now);
        this.unremember(accountId, given, now);
      },
    };
  }

  private async askRedis(accountId: string, kinds: readonly PaceKind[]): Promise<Asked> {
    const now = SYSTEM_TIME.now();
    const keys = kinds.map((kind) => `${kind} ${accountId}`);
    const times = keys.map((key) => this.unreported.get(key) ?? []);
    // Taken out while they are told, so that another line of this account does not tell them too.
    for (const key of keys) this.unreported.delete(key);
    try {
      const { waitMs, pass } = await this.windows.ask(accountId, kinds, times.map((list) => list.map((at) => Math.round(now - at))));
      if (waitMs > 0) return { waitMs };
      const grantedAt = SYSTEM_TIME.now();
      this.own.note(accountId, kinds, grantedAt);
      return {
        giveBack: (given) => {
          this.own.forget(accountId, given, grantedAt);
          // Where Redis is away it stays counted: too few calls do no harm.
          this.windows.giveBack(accountId, given, pass).catch(() => undefined);
        },
      };
    } catch (error) {
      for (const [index, key] of keys.entries()) {
        const untold = [...(times[index] ?? []), ...(this.unreported.get(key) ?? [])];
        if (untold.length > 0) this.unreported.set(key, untold);
      }
      throw error;
    }
  }

  private remember(accountId: string, kinds: readonly PaceKind[], now: number): void {
    for (const kind of kinds) {
      const key = `${kind} ${accountId}`;
      const recent = (this.unreported.get(key) ?? []).filter((at) => at > now - this.limits[kind].windowMs);
      this.unreported.set(key, [...recent, now]);
    }
  }

  /** One that was made without asking, and given back: if Redis has heard of it by now, it stays counted there. */
  private unremember(accountId: string, kinds: readonly PaceKind[], madeAt: number): void {
    for (const kind of kinds) {
      const times = this.unreported.get(`${kind} ${accountId}`) ?? [];
      const index = times.lastIndexOf(madeAt);
      if (index >= 0) times.splice(index, 1);
    }
  }

  private leave(error: unknown): void {
    if (this.end.signal.aborted) return;
    this.windows.renew();
    if (this.away) return;
    this.away = true;
    this.logger.warn(
      `Redis is away (${messageOf(error)}): this instance keeps to its share of the limits of sends, one of ${String(this.instances)}`,
    );
  }

  private async beat(): Promise<void> {
    try {
      this.instances = Math.max(1, await this.windows.countInstances());
      if (this.away) this.logger.log('The limits of sends are kept over all instances, in Redis');
      this.away = false;
    } catch (error) {
      this.leave(error);
    }
  }

  /** Until it is closed; while Redis is away, also the way back to it. */
  private async goOnBeating(): Promise<void> {
    const { signal } = this.end;
    for (;;) {
      try {
        await delay(this.away ? LOOK_AGAIN_AFTER_MS : BEAT_EVERY_MS, undefined, { signal, ref: false });
      } catch {
        return;
      }
      await this.beat();
    }
  }
}
