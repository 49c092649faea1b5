import { Redis } from 'ioredis';
import { newId } from '../../common/new-id.js';
import type { PaceLimits } from './pace-limits.js';
import type { PaceKind } from './pace.port.js';
import { COUNT_INSTANCES, TAKE_PASS } from './take-pass.lua.js';

/** By the account's id, whatever the installation: Meta's limit is the account's, and counts all who send for it. */
const PREFIX = 'instagram-direct:pace';
const CONNECT_WITHIN_MS = 2_000;
/** A Redis that answers later than this is as good as away. */
const ANSWER_WITHIN_MS = 500;
/** A connection that is given up because it is silent does not answer its end either. */
const GOODBYE_WITHIN_MS = 100;
const RECONNECT_WITHIN_MS = 1_000;
/** An instance that has not been heard of for so long is gone. */
const ALIVE_FOR_MS = 10_000;

/** The windows in Redis. Every question fails fast where Redis is away: nothing is queued for it, nothing waits. */
export class RedisWindows {
  private readonly redis: Redis;
  private readonly name = newId();
  private asked = 0;

  constructor(
    url: string,
    private readonly limits: PaceLimits,
    private readonly prefix = PREFIX,
  ) {
    this.redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      // A question that was cut off may have been counted: it is not asked again by itself.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      connectTimeout: CONNECT_WITHIN_MS,
      disconnectTimeout: GOODBYE_WITHIN_MS,
      commandTimeout: ANSWER_WITHIN_MS,
      // After a failover it leads to the former master, which takes no changes.
      reconnectOnError: (error) => /READONLY/.test(error.message),
      retryStrategy: (tries) => Math.min(RECONNECT_WITHIN_MS, 50 * 2 ** tries),
    });
    // Whoever asks is told; without a listener the process would end.
    this.redis.on('error', () => undefined);
  }

  async connect(): Promise<void> {
    await this.redis.connect();
  }

  /**
   * To be called when a question has failed. A connection that is silent is made anew: where a host has vanished or a NAT has
   * forgotten, it hangs for as long as TCP tries, while new ones are in order.
   */
  renew(): void {
    if (this.redis.status === 'ready') this.redis.disconnect(true);
  }

  close(): void {
    this.redis.disconnect();
  }

  /**
   * `waitMs` 0: it may go, and is counted as `pass`. Else how long until there may be room, in ms.
   * @param unreported ages, in ms, of passes made without asking, of each of `kinds`
   */
  async ask(accountId: string, kinds: readonly PaceKind[], unreported: readonly (readonly number[])[]): Promise<{ waitMs: number; pass: string }> {
    const keys = kinds.map((kind) => this.keyOf(accountId, kind));
    const parameters = kinds.flatMap((kind, index) => {
      const { most, windowMs } = this.limits[kind];
      const ages = unreported[index] ?? [];
      return [most, windowMs, ages.length, ...ages];
    });
    const pass = `${this.name}:${String(++this.asked)}`;
    return { waitMs: Number(await this.redis.eval(TAKE_PASS, keys.length, ...keys, pass, ...parameters)), pass };
  }

  async giveBack(accountId: string, kinds: readonly PaceKind[], pass: string): Promise<void> {
    await Promise.all(kinds.map((kind) => this.redis.zrem(this.keyOf(accountId, kind), pass)));
  }

  private keyOf(accountId: string, kind: PaceKind): string {
    return `${this.prefix}:{${accountId}}:${kind}`;
  }

  /** Says that this instance lives; gives how many do. */
  async countInstances(): Promise<number> {
    return Number(await this.redis.eval(COUNT_INSTANCES, 1, `${this.prefix}:instances`, this.name, ALIVE_FOR_MS));
  }
}
