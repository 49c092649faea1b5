import type { JobsOptions, QueueOptions, WorkerOptions } from 'bullmq';
import { resolve } from 'node:path';
import type { AppSettings } from '../config/index.js';
import type { Topic } from './doorbell.js';
import { LANES_AT_ONCE } from './in-process.doorbell.js';
import { reconnection } from './redis-line.js';

/** Of jobs that are over nothing is kept, nor of what Redis is told about them. */
const FORGOTTEN = { count: 0 };
const EVENTS_KEPT = 10;

/**
 * Whoever works on the same database hears the same bells, and nobody else: several installations may share a Redis.
 * Without user and password, since keys of Redis are seen by many.
 */
export function bellPrefix({ mysql, dataDir }: Pick<AppSettings, 'mysql' | 'dataDir'>): string {
  return `instagram-direct:${mysql ? `${mysql.host}:${String(mysql.port)}/${mysql.database}` : resolve(dataDir)}`;
}

/**
 * What one queue of bells is kept like. Its version check is left to the workers: a queue makes it once, on the line, where a
 * Redis that is slow for half a second fails it, and would never ring again.
 */
export function queueOptions(prefix: string): Omit<QueueOptions, 'connection'> {
  return { prefix, streams: { events: { maxLen: EVENTS_KEPT } }, skipVersionCheck: true };
}

/** One job a lane: rung again while it waits, it is the same; while it is worked on, one more follows. (All other kinds of deduplication lose that one.) */
export function jobOptions(topic: Topic, lane: number): JobsOptions {
  return {
    deduplication: { id: `${topic}-${String(lane)}`, keepLastIfActive: true },
    removeOnComplete: true,
    removeOnFail: true,
  };
}

/** An idle worker asks again so often: its connection is never quiet for longer while it is in order. */
const WAIT_S = 1;
/**
 * When a host vanishes or a NAT forgets, no connection is told: what is asked on it would wait a quarter of an hour for TCP to
 * give up, while what connects anew (the line) is in order and brings bells that nobody fetches. So each of a worker's
 * connections watches itself: asked, and silent for so long, it is made anew. (BullMQ watches its blocking one alone.)
 */
const SILENT_FOR_MS = (WAIT_S + 3) * 1000;

/** A killed worker's bells are answered by another within seconds; with the defaults it takes a minute. */
export function workerOptions(redisUrl: string, prefix: string): WorkerOptions {
  return {
    prefix,
    connection: { url: redisUrl, ...reconnection, maxRetriesPerRequest: null, socketTimeout: SILENT_FOR_MS },
    drainDelay: WAIT_S,
    concurrency: LANES_AT_ONCE,
    lockDuration: 2_000,
    stalledInterval: 1_000,
    // However often its workers are killed, a bell is nobody's fault.
    maxStalledCount: 1_000_000,
    runRetryDelay: 500,
    removeOnComplete: FORGOTTEN,
    removeOnFail: FORGOTTEN,
  };
}
