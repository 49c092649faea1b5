// @ts-check
import { costOf, median, quietness, until } from '../support/measure.mjs';
import { number, say } from '../support/report.mjs';
import { startService } from '../support/service.mjs';
import { pagesOf, timePages } from './pages.mjs';
import { comeToRest, warm } from './rest.mjs';

/** @typedef {import('../support/graph.mjs').Graph} Graph */
/** @typedef {import('../support/load.mjs').Load} Load */
/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {Awaited<ReturnType<typeof startService>>} Service */
/** @typedef {{ rate: number, p99: number, accepted: number, cost: import('../support/measure.mjs').Cost, quiet: import('../support/measure.mjs').Quiet }} Deliveries */
/** @typedef {{ reply: number, pages: import('./pages.mjs').PageTimes }} Calls */
/** @typedef {Deliveries & Calls} Round */

/**
 * @typedef {object} Surroundings
 * @property {import('../support/servers.mjs').BenchServer} server
 * @property {Graph} graph
 * @property {Load} load
 * @property {readonly import('../support/accounts.mjs').BenchAccount[]} accounts
 * @property {string} keyword that a rule answers
 * @property {number} people
 * @property {number} seconds
 */

const REPLIES = 60;
const MOST_A_SECOND = 10_000;
const CONNECTIONS = 64;
/** What is kept from an earlier day must not be cleared away while it is measured. */
const SERVICE = { EVENT_RETENTION_DAYS: '365' };

/**
 * @param {Record<string, BenchDatabase>} databases
 * @param {number} rounds
 * @param {Surroundings} surroundings
 * @returns {Promise<Map<string, Round[]>>}
 */
export async function takeRounds(databases, rounds, surroundings) {
  /** @type {Map<string, Round[]>} */
  const results = new Map(Object.keys(databases).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? Object.entries(databases) : Object.entries(databases).reverse();
    /** @type {Record<string, Deliveries>} */
    const delivered = {};
    for (const [name, database] of order) delivered[name] = await deliver(database, surroundings);
    const calls = await call(order, surroundings);
    for (const [name] of order) {
      const result = { .../** @type {Deliveries} */ (delivered[name]), .../** @type {Calls} */ (calls[name]) };
      results.get(name)?.push(result);
      say(`  round ${String(round + 1)} ${name}: ${number(result.rate, 0)}/s, reply ${number(result.reply, 1)} ms, ${Object.entries(result.pages).map(([page, { p50 }]) => `${page} ${number(p50, 1)}`).join(', ')} ms`);
    }
  }
  return results;
}

/**
 * @param {BenchDatabase} database
 * @param {Surroundings} surroundings
 * @returns {Promise<Deliveries>}
 */
async function deliver(database, { server, graph, load, accounts, people, seconds }) {
  await warm(database);
  await comeToRest(database);
  const service = await startService({ database, graphUrl: graph.url, env: SERVICE });
  try {
    // Everybody once: their conversations have not been away for months.
    await load.prepare(people, { accounts, people });
    await load.run({ url: service.url, connections: CONNECTIONS });
    await load.prepare(MOST_A_SECOND * seconds, { accounts, people });
    const quiet = await quietness();
    const pids = { service: service.pid, database: server.pid, load: load.pid, graph: graph.pid };
    const { result, cost } = await costOf(pids, () => load.run({ url: service.url, connections: CONNECTIONS, seconds }), server.statements);
    await until('everything is processed', async () => (await database.rows('SELECT id FROM webhook_events WHERE pending_lane IS NOT NULL LIMIT 1')).length === 0, { seconds: 600 });
    return { rate: result.rate, p99: result.latency.p99, accepted: result.accepted, cost, quiet };
  } finally {
    await service.stop();
  }
}

/**
 * Both at once, a call of the one after a call of the other: whatever drifts meets both alike.
 * @param {readonly (readonly [string, BenchDatabase])[]} databases
 * @param {Surroundings} surroundings
 * @returns {Promise<Record<string, Calls>>}
 */
async function call(databases, { graph, load, accounts, people, keyword }) {
  /** @type {Record<string, Service>} */
  const services = {};
  try {
    for (const [, database] of databases) await comeToRest(database);
    for (const [name, database] of databases) services[name] = await startService({ database, graphUrl: graph.url, env: SERVICE });
    const account = accounts[0]?.id ?? '';
    /** @type {Record<string, { service: Service, pages: Record<string, string> }>} */
    const asked = {};
    for (const [name, service] of Object.entries(services)) asked[name] = { service, pages: await pagesOf(service, account, `${account}:9${'0'.repeat(15)}`) };
    const pages = await timePages(asked);
    /** @type {Record<string, number[]>} */
    const replies = {};
    for (let nth = 0; nth < REPLIES; nth++) {
      for (const [name, { url }] of Object.entries(services)) (replies[name] ??= []).push(await timeReply(url, { graph, load, accounts, people, keyword }));
    }
    return Object.fromEntries(databases.map(([name]) => [name, { pages: pages[name] ?? {}, reply: median(replies[name] ?? []) }]));
  } finally {
    for (const service of Object.values(services)) await service.stop();
  }
}

/**
 * From the moment a delivery is sent to its reply's arrival at Graph, in milliseconds.
 * @param {string} url
 * @param {Pick<Surroundings, 'graph' | 'load' | 'accounts' | 'people' | 'keyword'>} surroundings
 */
async function timeReply(url, { graph, load, accounts, people, keyword }) {
  const first = await load.prepare(1, { accounts, people, texts: [`Have you seen the ${keyword}?`] });
  await graph.expect({ accounts, people, first, count: 1 });
  const { startedAt } = await load.run({ url, connections: 1 });
  const { lastAt } = await until('the reply has come', async () => {
    const replies = await graph.replies();
    return replies.calls > 0 ? replies : null;
  }, { seconds: 30, everyMs: 5 });
  return lastAt - startedAt;
}
