// @ts-check
import { RULES } from '../ack/contestants.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { costOf, interleave, median, quietLine, quietness, ratio, until } from '../support/measure.mjs';
import { explain, goal, number, printGoals, say, table, writeResult } from '../support/report.mjs';
import { addAccounts, startService } from '../support/service.mjs';
import { startServer } from '../support/servers.mjs';
import { fill } from './fill.mjs';
import { pagesOf, timePages } from './pages.mjs';

/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {{ rate: number, p99: number, reply: number, pages: Record<string, { p50: number, p99: number }>, cost: import('../support/measure.mjs').Cost, quiet: import('../support/measure.mjs').Quiet }} Round */

const ACCOUNTS = 20;
const PEOPLE = 10_000;
const EMPTY = { messages: 20_000, conversations: 10_000, events: 10_000 };
const REPLIES = 60;
const WARM_UP_SECONDS = 3;
const MOST_A_SECOND = 10_000;
const KEYWORD = 'blue whale';
const MOST_TIMES = 1.2;

/**
 * @param {string} databaseKind
 * @param {{ messages: number, conversations: number, events: number, rounds: number, seconds: number, bufferPoolMib: number }} options
 * @returns {Promise<boolean>} every goal reached
 */
export async function benchGrowth(databaseKind, options) {
  const server = await startServer(databaseKind);
  const graph = await Graph.start();
  const load = Load.start();
  try {
    explain(`growth, ${server.name}: ${number(options.messages, 0)} messages, ${number(options.conversations, 0)} conversations, ${number(options.events, 0)} settled events`, [
      `Two databases on one server: one filled, and one with ${number(EMPTY.messages, 0)} messages of ${number(EMPTY.conversations, 0)} conversations, so that its lists have pages. Made by the server itself from numbers, in the order`,
      `of the primary key, indexes afterwards. ${String(ACCOUNTS)} accounts; the first has six in ten of all conversations, and one conversation of some ten thousand messages.`,
      `${String(options.rounds)} rounds; each measures both, ROLE=all, one after the other: deliveries a second (64 connections, ${String(options.seconds)} s, text messages of ${number(PEOPLE, 0)} people whose conversations exist),`,
      'then lists of the first account, one call at a time (first page, and a page as deep as 50 pages of 200), then replies, one at a time, from delivery to the call of Graph.',
      `Database server's buffer pool: ${String(options.bufferPoolMib)} MiB (its default is 128; the filled database is some gigabytes). Durability: ${Object.entries(server.durability).map((pair) => pair.join('=')).join(', ')}.`,
      'Unfair to the filled one: nothing. Unfair to the empty one: its pages are all in memory, as they would be. What is delivered in a round stays, in both.',
    ]);
    const accounts = benchAccounts(ACCOUNTS);
    await graph.addAccounts(accounts);
    const [empty, filled] = [await server.create(), await server.create()];
    try {
      await empty.rows(`SET GLOBAL innodb_buffer_pool_size = ${String(options.bufferPoolMib * 1024 * 1024)}`);
      for (const [name, database, size] of /** @type {const} */ ([['empty', empty, EMPTY], ['filled', filled, options]])) {
        const service = await startService({ database, graphUrl: graph.url });
        await addAccounts(service, accounts, [...RULES, { name: KEYWORD, triggerType: 'contains', triggerValue: KEYWORD, responseTemplate: 'In the sea.' }]);
        await service.stop();
        const took = await fill(String(database.env.MYSQL_URL), accounts.map(({ id }) => id), size);
        say(`${name}: filled in ${number(took, 0)} s`);
      }
      const databases = { empty, filled };
      const results = await interleave(Object.keys(databases), options.rounds, (name, round) =>
        measure(name, round, { database: name === 'empty' ? empty : filled, pid: server.pid, graph, load, accounts, seconds: options.seconds }));
      return report(server, results, options);
    } finally {
      await empty.drop();
      await filled.drop();
    }
  } finally {
    await load.stop();
    await graph.stop();
    await server.stop();
  }
}

/**
 * @param {string} name
 * @param {number} round
 * @param {{ database: BenchDatabase, pid: number | undefined, graph: Graph, load: Load, accounts: ReturnType<typeof benchAccounts>, seconds: number }} surroundings
 * @returns {Promise<Round>}
 */
async function measure(name, round, { database, pid, graph, load, accounts, seconds }) {
  const service = await startService({ database, graphUrl: graph.url });
  try {
    const plan = { accounts, people: PEOPLE };
    await load.prepare(MOST_A_SECOND * WARM_UP_SECONDS, plan);
    await load.run({ url: service.url, connections: 64, seconds: WARM_UP_SECONDS });
    await load.prepare(MOST_A_SECOND * seconds, plan);
    const quiet = await quietness();
    const { result, cost } = await costOf({ service: service.pid, database: pid, load: load.pid }, () => load.run({ url: service.url, connections: 64, seconds }));
    await until('everything is processed', async () => (await database.rows("SELECT id FROM webhook_events WHERE pending_lane IS NOT NULL LIMIT 1")).length === 0, { seconds: 600 });
    const account = accounts[0]?.id ?? '';
    const pages = await timePages(service, await pagesOf(service, account, `${account}:9${'0'.repeat(15)}`));
    const reply = await timeReplies(service.url, { graph, load, accounts });
    say(`  round ${String(round + 1)} ${name}: ${number(result.rate, 0)}/s, reply ${number(reply, 1)} ms, ${Object.entries(pages).map(([page, { p50 }]) => `${page} ${number(p50, 1)}`).join(', ')} ms`);
    return { rate: result.rate, p99: result.latency.p99, reply, pages, cost, quiet };
  } finally {
    await service.stop();
  }
}

/**
 * From the moment a delivery is sent to its reply's arrival at Graph, one after the other; the median.
 * @param {string} url
 * @param {{ graph: Graph, load: Load, accounts: ReturnType<typeof benchAccounts> }} surroundings
 */
async function timeReplies(url, { graph, load, accounts }) {
  /** @type {number[]} */
  const times = [];
  for (let nth = 0; nth < REPLIES; nth++) {
    const first = await load.prepare(1, { accounts, people: PEOPLE, texts: [`Have you seen the ${KEYWORD}?`] });
    await graph.expect({ accounts, people: PEOPLE, first, count: 1 });
    const { startedAt } = await load.run({ url, connections: 1 });
    const { lastAt } = await until('the reply has come', async () => {
      const replies = await graph.replies();
      return replies.calls > 0 ? replies : null;
    }, { seconds: 30, everyMs: 5 });
    times.push(lastAt - startedAt);
  }
  return median(times);
}

/**
 * @param {import('../support/servers.mjs').BenchServer} server
 * @param {Map<string, Round[]>} results
 * @param {{ messages: number, conversations: number, events: number, rounds: number, seconds: number, bufferPoolMib: number }} options
 */
function report(server, results, options) {
  const pages = Object.keys(results.get('empty')?.[0]?.pages ?? {});
  /** @type {[what: string, figure: (round: Round) => number, more: boolean][]} */
  const figures = [
    ['deliveries a second', ({ rate }) => rate, true],
    ['their p99, ms', ({ p99 }) => p99, false],
    ...pages.flatMap((page) => /** @type {[string, (round: Round) => number, boolean][]} */ ([
      [`${page}, p50 ms`, (/** @type {Round} */ round) => round.pages[page]?.p50 ?? NaN, false],
      [`${page}, p99 ms`, (/** @type {Round} */ round) => round.pages[page]?.p99 ?? NaN, false],
    ])),
    ['reply, p50 ms', ({ reply }) => reply, false],
  ];
  const of = (/** @type {string} */ name, /** @type {(round: Round) => number} */ figure) => median((results.get(name) ?? []).map(figure));
  // Times: how many times slower the filled one is, in the same round.
  const times = (/** @type {(round: Round) => number} */ figure, /** @type {boolean} */ more) => (more ? ratio(results, 'empty', 'filled', figure) : ratio(results, 'filled', 'empty', figure));
  say();
  table([
    ['', 'empty', 'filled', 'slower by'],
    ...figures.map(([what, figure, more]) => [what, number(of('empty', figure)), number(of('filled', figure)), `${number(times(figure, more), 2)} times`]),
  ]);
  say('\nMedians over the rounds; "slower by" is the median of the ratios within each round.');
  say(quietLine([...results.values()].flat()));
  const goals = figures.filter(([what]) => !what.includes('p99')).map(([what, figure, more]) => goal(`${what}: filled slower than empty by`, times(figure, more), 'at most', MOST_TIMES, ' times'));
  printGoals(goals);
  say(`\n${writeResult(`growth-${server.kind}`, { benchmark: 'growth', database: { kind: server.kind, name: server.name, durability: server.durability }, options, goals, rounds: Object.fromEntries(results) })}`);
  return goals.every(({ reached }) => reached);
}
