// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedis } from '../../test/support/servers/redis.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { until } from '../support/measure.mjs';
import { explain, number, say, table, writeResult } from '../support/report.mjs';
import { startServer } from '../support/servers.mjs';
import { addAccounts, startService } from '../support/service.mjs';

/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */

const ACCOUNTS = 20;
/** Customers: each writes as many messages as the deliveries are more than they. */
const MESSAGES_PER_PERSON = 10;
/** These answer three of the ten sentences of the load. */
const RULES = ['is', 'gluten free'].map((triggerValue) => ({
  name: triggerValue, triggerType: 'contains', triggerValue,
  responseTemplate: 'Thank you for writing to us! Have a look at https://shop.example/help, or just ask: somebody answers from 9 to 18.',
}));
const TABLES = /** @type {const} */ (['webhook_events', 'messages', 'conversations']);
const DONE_WITHIN_SECONDS = 1200;

/**
 * What a row costs on disk once everything about it is written: data and indexes, of a table filled through the service itself.
 * @param {number} deliveries
 */
export async function measureRows(deliveries) {
  const server = await startServer('mysql');
  const redis = await startRedis(process.env);
  const graph = await Graph.start();
  const load = Load.start();
  try {
    explain(`sizing, ${server.name}: bytes a row`, [
      `${number(deliveries, 0)} deliveries of one text message each, from ${number(deliveries / MESSAGES_PER_PERSON, 0)} people to ${String(ACCOUNTS)} accounts, through the whole service: stored, applied,`,
      'three in ten answered. Bytes are data_length and index_length of information_schema (pages in use, with the room that is left in',
      'them) divided by rows; the binary log is what its files grew by. Texts and ids are as long as real ones; media are addresses only.',
    ]);
    const accounts = benchAccounts(ACCOUNTS);
    await graph.addAccounts(accounts);
    const database = await server.create();
    /** @type {Record<string, string>} */
    const env = redis ? { REDIS_URL: redis.url } : {};
    const service = await startService({ database, graphUrl: graph.url, env });
    try {
      await addAccounts(service, accounts, RULES);
      const people = Math.ceil(deliveries / MESSAGES_PER_PERSON);
      const first = await load.prepare(deliveries, { accounts, people });
      await graph.expect({ accounts, people, first, count: deliveries });
      const before = { binaryLog: await binaryLogBytes(database), redis: await redisSeconds(redis?.url) };
      const sent = await load.run({ url: service.url, connections: 32 });
      say(`  ${number(sent.accepted, 0)} accepted in ${number(sent.seconds, 0)} s; waiting until all of it is applied and sent …`);
      await until('everything is applied and sent', () => isDone(database), { seconds: DONE_WITHIN_SECONDS, everyMs: 500 });
      const after = { binaryLog: await binaryLogBytes(database), redis: await redisSeconds(redis?.url) };
      report(server.name, {
        deliveries: sent.accepted,
        replies: await count(database, "SELECT COUNT(*) AS n FROM messages WHERE direction = 'outbound' AND status = 'sent'"),
        payloadBytes: await count(database, 'SELECT AVG(LENGTH(payload)) AS n FROM webhook_events'),
        textBytes: await count(database, 'SELECT AVG(LENGTH(text)) AS n FROM messages'),
        tables: await tableSizes(database),
        binaryLogBytes: after.binaryLog - before.binaryLog,
        redisSeconds: after.redis - before.redis,
      });
    } finally {
      await service.stop();
      await database.drop();
    }
  } finally {
    await load.stop();
    await graph.stop();
    await redis?.stop();
    await server.stop();
  }
}

/** @param {BenchDatabase} database */
async function isDone(database) {
  const waiting = await database.rows("SELECT id FROM webhook_events WHERE status = 'pending' LIMIT 1");
  return waiting.length === 0 && (await database.rows('SELECT id FROM outbox_messages LIMIT 1')).length === 0;
}

/**
 * @param {BenchDatabase} database
 * @param {string} sql
 */
async function count(database, sql) {
  return Number((await database.rows(sql))[0]?.n ?? NaN);
}

/** @param {BenchDatabase} database */
async function tableSizes(database) {
  await database.rows(`ANALYZE TABLE ${TABLES.join(', ')}`);
  await delay(1000); // the statistics are written behind the answer
  await database.rows('SET SESSION information_schema_stats_expiry = 0');
  /** @type {Record<string, { rows: number, data: number, index: number }>} */
  const sizes = {};
  for (const name of TABLES) {
    const [size] = await database.rows(
      `SELECT data_length AS data, index_length AS indexes FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '${name}'`,
    );
    sizes[name] = { rows: await count(database, `SELECT COUNT(*) AS n FROM ${name}`), data: Number(size?.data), index: Number(size?.indexes) };
  }
  return sizes;
}

/** @param {BenchDatabase} database */
async function binaryLogBytes(database) {
  return (await database.rows('SHOW BINARY LOGS')).reduce((sum, file) => sum + Number(file.File_size), 0);
}

/**
 * Processor time Redis has used so far.
 * @param {string | undefined} url
 */
async function redisSeconds(url) {
  if (url === undefined) return NaN;
  const redis = new Redis(url);
  const cpu = await redis.info('cpu');
  await redis.quit();
  return Number(/used_cpu_sys:([\d.]+)/.exec(cpu)?.[1]) + Number(/used_cpu_user:([\d.]+)/.exec(cpu)?.[1]);
}

/**
 * @param {string} databaseName
 * @param {import('./figures.mjs').RowSizes} sizes
 */
function report(databaseName, sizes) {
  const each = (/** @type {number} */ bytes, /** @type {number} */ rows) => number(bytes / rows, 0);
  table([
    ['table', 'rows', 'data, bytes a row', 'indexes, bytes a row', 'together'],
    ...Object.entries(sizes.tables).map(([name, { rows, data, index }]) => [name, number(rows, 0), each(data, rows), each(index, rows), each(data + index, rows)]),
  ]);
  say();
  say(`payload ${number(sizes.payloadBytes, 0)} bytes, text ${number(sizes.textBytes, 0)} bytes on average; ${number(sizes.replies, 0)} replies.`);
  say(`Binary log: ${each(sizes.binaryLogBytes, sizes.deliveries)} bytes a delivery, replies included. Redis: ${each(sizes.redisSeconds * 1e6, sizes.deliveries)} µs of processor time a delivery.`);
  say(`\n${writeResult('sizing-mysql', { benchmark: 'sizing', database: { name: databaseName }, sizes })}`);
}
