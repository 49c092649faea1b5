// @ts-check
import { RULES } from '../ack/contestants.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { quietness, until } from '../support/measure.mjs';
import { explain, goal, number, printGoals, say, table, writeResult } from '../support/report.mjs';
import { addAccounts, startService } from '../support/service.mjs';
import { startServer } from '../support/servers.mjs';

/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {{ events: number, processed: Quantiles, replied: Quantiles }} Waits */
/** @typedef {{ p50: number, p99: number, max: number }} Quantiles */

const OTHERS = 20;
const VIRAL_PEOPLE = 50_000;
/** Everybody writes once, so that a reply belongs to one delivery. */
const OTHER_PEOPLE = 400_000;
const DRAINED_WITHIN_SECONDS = 1800;
const PIECE_SECONDS = 5;
const CONNECTIONS = 32;

/**
 * @param {string} databaseKind
 * @param {{ events: number, rate: number, seconds: number }} options
 * @returns {Promise<boolean>} every goal reached
 */
export async function benchBacklog(databaseKind, options) {
  const { events, rate, seconds } = options;
  const server = await startServer(databaseKind);
  const graph = await Graph.start();
  const [load, trickle] = [Load.start(), Load.start()];
  try {
    explain(`backlog, ${server.name}: ${number(events, 0)} events of one account`, [
      `A web process (ROLE=web) takes everything; a worker (ROLE=worker) applies. ${String(OTHERS)} accounts answer every message by a rule. First they get ${String(rate)} messages a second for ${String(seconds)} s`,
      `with the worker idle otherwise. Then the worker is stopped, another account is delivered ${number(events, 0)} text messages (through the web process, signed, of ${number(VIRAL_PEOPLE, 0)} people;`,
      'ten rules, none matches), and the worker is started again while the others go on at the same rate. Waits are read from the database: from the receipt of a',
      'delivery to its being applied, and to its reply being accepted by Meta. There is no Redis: the worker hears of new events by looking once a second.',
      'The bound of 5 s: a lane\'s turn comes round once in lanes × batch / rate, some 64 × 200 / 4,000 = 3.2 s here, and a new event of an account without a',
      'backlog is taken at its lane\'s next turn. What the account itself gets meanwhile waits for its turn, in the order in which it came.',
    ]);
    const [viral, ...others] = benchAccounts(OTHERS + 1);
    if (!viral) throw new Error('no accounts');
    await graph.addAccounts([viral, ...others]);
    // Their tokens are good; which messages are answered is read from the database.
    await graph.expect({ accounts: others, people: OTHER_PEOPLE, first: 0, count: 0 });
    const database = await server.create();
    const web = await startService({ database, graphUrl: graph.url, role: 'web' });
    try {
      await addAccounts(web, [viral], RULES);
      await addAccounts(web, others, [{ name: 'any', triggerType: 'any', responseTemplate: 'Thanks, we will be with you in a moment.' }]);
      const quiet = await quietness();
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
      const from = new Date();
      worker = await startService({ database, graphUrl: graph.url, role: 'worker' });
      const began = performance.now();
      let refused = 0;
      let drained = NaN;
      while (Number.isNaN(drained)) {
        const { answered, accepted } = await send(rate * PIECE_SECONDS);
        refused += answered - accepted;
        const [row] = await database.rows(`SELECT COUNT(*) AS n FROM (SELECT id FROM webhook_events WHERE account_id = '${viral.id}' AND status = 'pending' LIMIT 1) some`);
        if (Number(row?.n) === 0) drained = (performance.now() - began) / 1000;
        else if (performance.now() - began > DRAINED_WITHIN_SECONDS * 1000) throw new Error('The backlog has not drained in time');
      }
      await applied(database);
      const during = await waitsOf(database, viral.id, from);
      await worker.stop();
      const drainRate = filling.accepted / drained;
      say();
      table([
        ['', 'messages', 'applied p50 ms', 'p99 ms', 'slowest ms', 'reply p50 ms', 'p99 ms', 'slowest ms'],
        row('without a backlog', without),
        row('while the backlog drains', during),
      ]);
      say(`\nThe backlog: ${number(filling.accepted, 0)} events stored at ${number(filling.rate, 0)}/s, drained in ${number(drained, 0)} s, ${number(drainRate, 0)}/s, with ${number(rate, 0)} a second of others beside it.`);
      const goals = [
        goal('others\' messages applied while the backlog drains, p99, ms', during.processed.p99, 'at most', 5000),
        goal('others\' replies while the backlog drains, p99, ms', during.replied.p99, 'at most', 5000),
        goal('others\' deliveries not answered 200', refused, 'at most', 0),
      ];
      printGoals(goals);
      say(`\nQuiet? Load average ${number(quiet.loadAverage, 2)}, ${number(quiet.busyProcessors, 2)} processors busy before it began.`);
      say(writeResult(`backlog-${server.kind}`, { benchmark: 'backlog', database: { kind: server.kind, name: server.name, durability: server.durability }, options, quiet, without, during, filling, drained, drainRate, goals }));
      return goals.every(({ reached }) => reached);
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
 * @param {string} name
 * @param {Waits} waits
 */
function row(name, { events, processed, replied }) {
  return [name, number(events, 0), ...[processed, replied].flatMap(({ p50, p99, max }) => [number(p50, 0), number(p99, 0), number(max, 0)])];
}

/**
 * @param {Load} load
 * @param {string} url
 * @param {import('../support/accounts.mjs').BenchAccount} account
 * @param {number} count
 */
async function fill(load, url, account, count) {
  const began = performance.now();
  let accepted = 0;
  while (accepted < count) {
    const piece = Math.min(100_000, count - accepted);
    await load.prepare(piece, { accounts: [account], people: VIRAL_PEOPLE });
    const result = await load.run({ url, connections: 64 });
    if (result.accepted !== piece) throw new Error(`${JSON.stringify(result.statuses)} while the backlog was made`);
    accepted += piece;
    say(`  ${number(accepted, 0)} events wait (${number(result.rate, 0)}/s)`);
  }
  return { accepted, rate: (accepted * 1000) / (performance.now() - began) };
}

/** Nothing waits any more, and everything queued is sent. @param {BenchDatabase} database */
async function applied(database) {
  for (const table of ["webhook_events WHERE status = 'pending'", 'outbox_messages']) {
    await until('everything is applied and sent', async () => Number((await database.rows(`SELECT COUNT(*) AS n FROM (SELECT id FROM ${table} LIMIT 1) some`))[0]?.n) === 0, { seconds: 600, everyMs: 200 });
  }
}

/**
 * @param {BenchDatabase} database
 * @param {string} except this account's
 * @param {Date} from received since
 * @returns {Promise<Waits>}
 */
async function waitsOf(database, except, from) {
  const rows = await database.rows(
    `SELECT e.received_at, e.processed_at, m.sent_at FROM webhook_events e
     LEFT JOIN messages m ON m.account_id = e.account_id AND m.conversation_id = e.conversation_id AND m.direction = 'outbound'
     WHERE e.account_id <> '${except}' AND e.received_at >= '${from.toISOString().slice(0, 23).replace('T', ' ')}'`,
  );
  const wait = (/** @type {string} */ column) => quantiles(rows.filter((each) => each[column] !== null).map((each) => time(each[column]) - time(each.received_at)));
  return { events: rows.length, processed: wait('processed_at'), replied: wait('sent_at') };
}

/** @param {unknown} value a Date of MySQL, a text of SQLite */
function time(value) {
  return value instanceof Date ? value.getTime() : Date.parse(`${String(value).replace(' ', 'T')}Z`);
}

/** @param {number[]} waits @returns {Quantiles} */
function quantiles(waits) {
  const sorted = waits.sort((a, b) => a - b);
  const of = (/** @type {number} */ q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
  return { p50: of(0.5), p99: of(0.99), max: sorted[sorted.length - 1] ?? NaN };
}
