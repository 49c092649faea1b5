// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../support/measure.mjs';

const RESULTS = join(import.meta.dirname, '../results');

/**
 * What `measureRows` found.
 * @typedef {object} RowSizes
 * @property {number} deliveries
 * @property {number} replies
 * @property {number} payloadBytes
 * @property {number} textBytes
 * @property {Record<string, { rows: number, data: number, index: number }>} tables
 * @property {number} binaryLogBytes
 * @property {number} redisSeconds of processor time; NaN: there was no Redis
 */

/**
 * Everything the tables are made of. NaN: not measured yet.
 * @typedef {object} Figures
 * @property {Machine | null} machine
 * @property {string | null} database
 * @property {number} ackRate deliveries a second, one process with ROLE=web, on the machine as a whole
 * @property {number} ackCpu microseconds of processor time of the service, a delivery
 * @property {number} ackDatabaseCpu the same, of the database server
 * @property {number} workRate events a second, one process with ROLE=worker that drains a backlog
 * @property {number} workCpu microseconds of the service, an event
 * @property {number} allDatabaseCpu microseconds of the database server, a delivery stored and processed
 * @property {number} replyRate messages answered, all through, a second; one process
 * @property {number} replyCpu microseconds of the service, an answered message
 * @property {number} replyDatabaseCpu microseconds of the database server, an answered message
 * @property {number} sizedBy deliveries the bytes were measured with
 * @property {number} eventBytes
 * @property {number} messageBytes
 * @property {number} conversationBytes
 * @property {number} binaryLogBytes a delivery, with three tenths of a reply
 * @property {number} redisCpu microseconds of Redis, a delivery, with three tenths of a reply
 */

/** @typedef {{ at: string, commit: string, node: string, cores: number, processor: string }} Machine */
/**
 * A round of `ack`, or of `reply`, which has a rate of its own.
 * @typedef {{ load: { accepted: number, rate: number }, cost: { cpu: Record<string, number> }, drained?: { rate: number, cpuPerEvent: number } | null, rate?: number }} Round
 */

/** @returns {Figures} */
export function readFigures() {
  const ack = read('ack-mysql');
  // A Graph that answers at once: what it costs, not how long it takes.
  const reply = read('reply-mysql-0ms');
  const sizes = /** @type {RowSizes | undefined} */ (read('sizing-mysql')?.sizes);
  const web = rounds(ack, 'ours-web');
  const all = rounds(ack, 'ours-all');
  const answered = rounds(reply, 'ours');
  const microseconds = (/** @type {string} */ who) => (/** @type {Round} */ { cost, load }) => ((cost.cpu[who] ?? NaN) * 1e6) / load.accepted;
  const bytes = (/** @type {string} */ name) => {
    const size = sizes?.tables[name];
    return size === undefined ? NaN : (size.data + size.index) / size.rows;
  };
  return {
    machine: ack?.machine ?? reply?.machine ?? null,
    database: ack?.database?.name ?? null,
    ackRate: of(web, ({ load }) => load.rate),
    ackCpu: of(web, microseconds('contestant')),
    ackDatabaseCpu: of(web, microseconds('database')),
    workRate: of(web, ({ drained }) => drained?.rate ?? NaN),
    workCpu: of(web, ({ drained }) => (drained?.cpuPerEvent ?? NaN) * 1e6),
    allDatabaseCpu: of(all, microseconds('database')),
    replyRate: of(answered, ({ rate }) => rate ?? NaN),
    replyCpu: of(answered, microseconds('contestant')),
    replyDatabaseCpu: of(answered, microseconds('database')),
    sizedBy: sizes?.deliveries ?? NaN,
    eventBytes: bytes('webhook_events'),
    messageBytes: bytes('messages'),
    conversationBytes: bytes('conversations'),
    binaryLogBytes: sizes === undefined ? NaN : sizes.binaryLogBytes / sizes.deliveries,
    redisCpu: sizes === undefined ? NaN : (sizes.redisSeconds * 1e6) / sizes.deliveries,
  };
}

/**
 * @param {Round[]} results
 * @param {(round: Round) => number} figure
 */
function of(results, figure) {
  return median(results.map(figure));
}

/**
 * @param {any} result
 * @param {string} name
 * @returns {Round[]}
 */
function rounds(result, name) {
  return result?.contestants?.[name]?.rounds ?? [];
}

/**
 * @param {string} name
 * @returns {any} null: that benchmark has not run
 */
function read(name) {
  const file = join(RESULTS, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}
