// @ts-check
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { hasDocker, inDocker } from './docker.mjs';
import { aptInstall, isRoot, keepServer, onDebian, onFreePort, onPath } from './private-server.mjs';

/** @typedef {{ url: string, version: string, how: string, stop: () => Promise<void> }} RedisServer */

/**
 * TEST_REDIS_URL, else a private redis-server.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<RedisServer | null>}
 */
export async function startRedis(env) {
  const given = env.TEST_REDIS_URL;
  if (given) return { url: given, version: await versionOf(given), how: 'TEST_REDIS_URL', stop: async () => {} };
  let command = onPath('redis-server', 'valkey-server');
  if (!command && isRoot() && onDebian()) {
    aptInstall('redis-server');
    command = onPath('redis-server');
  }
  if (command) return await startPrivate(command);
  if (!hasDocker()) return null;
  const { result, port, stop } = await inDocker({
    image: 'redis:7-alpine', inner: 6379, args: [], ready: (port) => versionOf(address(port)),
  });
  return { url: address(port), version: result, how: 'docker', stop };
}

/**
 * @param {string} command
 * @returns {Promise<RedisServer>}
 */
function startPrivate(command) {
  return onFreePort(async (port) => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-redis-'));
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
    const { result, stop } = await keepServer({ folder, command, args, ready: () => versionOf(address(port)) });
    return { url: address(port), version: result, how: command, stop };
  });
}

/** @param {number} port */
const address = (port) => `redis://127.0.0.1:${String(port)}`;

/** @param {string} url */
async function versionOf(url) {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 5000 });
  redis.on('error', () => undefined); // connect() tells
  try {
    await redis.connect();
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'of unknown version';
  } finally {
    redis.disconnect();
  }
}
