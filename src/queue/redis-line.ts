import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../common/errors.js';

const CONNECT_WITHIN_MS = 2_000;
/** A Redis that answers later than this is as good as away. */
const ANSWER_WITHIN_MS = 500;
const LOOK_EVERY_MS = 2_000;
const LOOK_AGAIN_AFTER_MS = 250;
const GOODBYE_WITHIN_MS = 100;
const RECONNECT_WITHIN_MS = 1_000;

/** How both ends of the line come back to a Redis that was away. */
export const reconnection = {
  connectTimeout: CONNECT_WITHIN_MS,
  // One that is given up because it is silent does not answer its end either.
  disconnectTimeout: GOODBYE_WITHIN_MS,
  retryStrategy: (tries: number): number => Math.min(RECONNECT_WITHIN_MS, 50 * 2 ** tries),
  // After a failover the connection is in order and leads to the former master: a new one goes where the name points now.
  reconnectOnError: (error: Error): boolean => error.message.includes('READONLY'),
};

/**
 * The connection that rings. It knows at any moment whether Redis is there, so that nobody waits to find out: what is
 * asked of a Redis that is away, or silent, fails at once or within half a second.
 */
export class RedisLine {
  readonly redis: Redis;
  private readonly logger = new Logger('Doorbell');
  private readonly end = new AbortController();
  private up = false;
  private told = false;

  constructor(url: string) {
    this.redis = new Redis(url, { ...reconnection, enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: ANSWER_WITHIN_MS });
    // The look tells; without a listener the process would end.
    this.redis.on('error', () => undefined);
    this.redis.on('ready', () => void this.look());
    this.redis.on('close', () => {
      this.lose('the connection is closed');
    });
    void this.lookOn();
  }

  get isUp(): boolean {
    return this.up;
  }

  lose(reason: string): void {
    if (this.end.signal.aborted || (!this.up && this.told)) return;
    this.up = false;
    this.told = true;
    this.logger.warn(`Redis is away (${reason}): each instance goes on by itself, from the database`);
  }

  close(): void {
    this.end.abort();
    this.up = false;
    this.redis.disconnect();
  }

  private async look(): Promise<void> {
    try {
      await this.redis.ping();
      if (!this.up) this.logger.log('Bells are rung for all instances, through Redis');
      this.up = true;
      this.told = false;
    } catch (error) {
      this.lose(messageOf(error));
      // Silent, though connected: a new connection may find one that speaks.
      if (this.redis.status === 'ready') this.redis.disconnect(true);
    }
  }

  private async lookOn(): Promise<void> {
    const { signal } = this.end;
    for (;;) {
      try {
        await delay(this.up ? LOOK_EVERY_MS : LOOK_AGAIN_AFTER_MS, undefined, { signal, ref: false });
      } catch {
        return;
      }
      if (this.redis.status !== 'connecting' && this.redis.status !== 'connect') await this.look();
    }
  }
}
