// @ts-check
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { keepServer, onFreePort, onPath } from './private-server.mjs';

/** A Redis of a test's own that can be stopped (kill -9) and started again, empty, on the same port. */
export class RestartableRedis {
  /** @type {(() => Promise<void>) | null} */
  #stop = null;

  /** @param {number} port */
  constructor(port) {
    this.port = port;
    this.url = `redis://127.0.0.1:${String(port)}`;
  }

  /** @returns {Promise<RestartableRedis>} */
  static async start() {
    return await onFreePort(async (port) => {
      const redis = new RestartableRedis(port);
      await redis.start();
      return redis;
    });
  }

  async start() {
    const command = onPath('redis-server', 'valkey-server');
    if (command === undefined) throw new Error('There is no redis-server on the PATH.');
    const folder = mkdtempSync(join(tmpdir(), 'direct-redis-'));
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
    const { stop } = await keepServer({ folder, command, args, ready: () => this.#run((redis) => redis.ping()) });
    this.#stop = stop;
  }

  async stop() {
    await this.#stop?.();
    this.#stop = null;
  }

  async flush() {
    await this.#run((redis) => redis.flushall());
  }

  /**
   * @template T
   * @param {(redis: Redis) => Promise<T>} work
   */
  async #run(work) {
    const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 5000 });
    redis.on('error', () => undefined); // connect() tells
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }
}
