// @ts-check
import { RULES } from '../ack/contestants.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { costOf, quietness, until } from '../support/measure.mjs';
import { explain, number, say } from '../support/report.mjs';
import { addAccounts, startService } from '../support/service.mjs';
import { durabilityOf, giveBufferPool, startServer } from '../support/servers.mjs';
import { MOST_MS, reportBacklog } from './report.mjs';
import { leftBySecond, waitsOf } from './waits.mjs';

/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {{ events: number, rate: number, seconds: number }} Options */
/** @typedef {{ accepted: number, rate: number }} Filling */
/** @typedef {{ refused: number, seconds: number }} Draining */

const OTHERS = 20;
const VIRAL_PEOPLE = 50_000;
/** Everybody writes once, so that a reply belongs to one delivery. */
const OTHER_PEOPLE = 400_000;
const DRAINED_WITHIN_SECONDS = 1800;
const PIECE_SECONDS = 5;
const CONNECTIONS = 32;
/** Half a million events with their indexes. */
const BUFFER_POOL_MIB = 1024;

/**
 * @param {string} databaseKind
 * @param {Options} options
 * @returns {Promise<boolean>} every goal reached
 */
export async function benchBacklog(databaseKind, options) {
  const { events, rate, seconds } = options;
  const server = await startServer(databaseKind);
  const graph = await Graph.start();
  const [load, trickle] = [Load.start(), Load.start()];
  try {
    const title = `backlog, ${server.name}: ${number(events, 0)} events of one account`;
    const explanation = [
      `A web process (ROLE=web) takes everything; a worker (ROLE=worker) applies. ${String(OTHERS)} accounts answer every message by a rule. First they get ${String(rate)} messages a second for ${String(seconds)} s`,
      `with the worker idle otherwise. Then the worker is stopped, another account is delivered ${number(events, 0)} text messages (through the web process, signed, of ${number(VIRAL_PEOPLE, 0)} people;`,
      'ten rules, none matches), and the worker is started again while the others go on at the same rate. Waits are read from the database: from the receipt of a',
      'delivery to its being applied, and to its reply being accepted by Meta. There is no Redis: the worker hears of new events by looking once a second.',
      `The bound of ${String(MOST_MS / 1000)} s: a lane's turn comes round once in lanes × batch / rate, some 64 × 100 / 3,500 = 1.8 s here, and a new event of an account without a`,
      'backlog is taken at its lane\'s next turn. What the account itself gets meanwhile waits for its turn, in the order in which it came.',
      `${server.kind === 'sqlite' ? '' : `Buffer pool ${number(BUFFER_POOL_MIB, 0)} MiB. `}Durability: ${await durabilityOf(server)}.`,
    ];
    explain(title, explanation);
    const [viral, ...others] = benchAccounts(OTHERS + 1);
    if (!viral) throw new Error('no accounts');
    await graph.addAccounts([viral, ...others]);
    // Their tokens are good; which messages are answered is read from the database.
    await graph.expect({ accounts: others, people: OTHER_PEOPLE, first: 0, count: 0 });
    const database = await server.create();
    await giveBufferPool(server, database, BUFFER_POOL_MIB);
    const web = await startService({ database, graphUrl: graph.url, role: 'web' });
    try {
      await addAccounts(web, [viral], RULES);
      await addAccounts(web, others, [{ name: 'any', triggerType: 'any', responseTemplate: 'Thanks, we will be with you in a moment.' }]);
      const send = async (/** @type {number} */ count) => {
        await trickle.prepare(count, { accounts: others, people: OTHER_PEOPLE });
        return await trickle.run({ url: web.url, connections: CONNECTIONS, rate });
      };
      let worker = await startService({ database, graphUrl: graph.url, role: 'worker' });
      await send(rate * seconds);
      await applied(database);
      const without = await waitsOf(database, viral.id, new Date(0));
      await worker.stop();

      const filling = await fill(load, web.url, viral, events);
      const quiet = await quietness();
      const from = new Date();
      worker = await startService({ database, graphUrl: graph.url, role: 'worker' });
      const pids = { web: web.pid, worker: worker.pid, database: server.pid, graph: graph.pid, trickle: trickle.pid };
      const { result: draining, cost } = await costOf(pids, () => drain(database, viral.id, () => send(rate * PIECE_SECONDS)));
      await applied(database);
      const during = await waitsOf(database, viral.id, from);
      await worker.stop();
      const left = await leftBySecond(database, viral.id, from);
      return reportBacklog({ title, explanation }, server, { options, quiet, cost, filling, draining, without, during, left });
    } finally {
      await web.stop();
      await database.drop();
    }
  } finally {
    await load.stop();
    await trickle.stop();
    await graph.stop();
    await server.stop();
  }
}

/**
 * @param {Load} load
 * @param {string} url
 * @param {import('../support/accounts.mjs').BenchAccount} account
 * @param {number} count
 * @returns {Promise<Filling>}
 */
async function fill(load, url, account, count) {
  const began = performance.now();
  let accepted = 0;
  while (accepted < count) {
    const piece = Math.min(100_000, count - accepted);
    await load.prepare(piece, { accounts: [account], people: VIRAL_PEOPLE });
    const result = await load.run({ url, connections: 64, redeliver: true });
    if (result.accepted !== piece) throw new Error(`${JSON.stringify(result.statuses)} while the backlog was made`);
    accepted += piece;
    say(`  ${number(accepted, 0)} events wait (${number(result.rate, 0)}/s)`);
  }
  return { accepted, rate: (accepted * 1000) / (performance.now() - began) };
}

/**
 * @param {BenchDatabase} database
 * @param {string} account
 * @param {() => Promise<import('../support/load.mjs').LoadResult>} sendPiece what the others write meanwhile
 * @returns {Promise<Draining>}
 */
async function drain(database, account, sendPiece) {
  const began = performance.now();
  const draining = { refused: 0, seconds: NaN };
  while (Number.isNaN(draining.seconds)) {
    const { answered, accepted } = await sendPiece();
    draining.refused += answered - accepted;
    const [row] = await database.rows(`SELECT COUNT(*) AS n FROM (SELECT id FROM webhook_events WHERE account_id = '${account}' AND status = 'pending' LIMIT 1) some`);
    const seconds = (performance.now() - began) / 1000;
    if (Number(row?.n) === 0) draining.seconds = seconds;
    else if (seconds > DRAINED_WITHIN_SECONDS) throw new Error('The backlog has not drained in time');
  }
  return draining;
}

/** Nothing waits any more, and everything queued is sent. @param {BenchDatabase} database */
async function applied(database) {
  for (const table of ["webhook_events WHERE status = 'pending'", 'outbox_messages']) {
    await until('everything is applied and sent', async () => Number((await database.rows(`SELECT COUNT(*) AS n FROM (SELECT id FROM ${table} LIMIT 1) some`))[0]?.n) === 0, { seconds: 600, everyMs: 200 });
  }
}
