// @ts-check
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { costOf, interleave, median, quietLine, quietness, ratio, until } from '../support/measure.mjs';
import { explain, goal, number, publish, say, sayStatements } from '../support/report.mjs';
import { startService } from '../support/service.mjs';
import { durabilityOf, startServer } from '../support/servers.mjs';
import { CONTESTANTS } from './contestants.mjs';

/** @typedef {import('../options.mjs').Options} Options */
/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('../support/servers.mjs').BenchServer} BenchServer */
/** @typedef {import('../support/load.mjs').LoadResult} LoadResult */
/** @typedef {import('../support/measure.mjs').Cost} Cost */
/** @typedef {{ events: number, seconds: number, rate: number, cpuPerEvent: number }} Drained */
/** @typedef {{ load: LoadResult, cost: Cost, quiet: import('../support/measure.mjs').Quiet, lost: number | null, drained: Drained | null }} Round */

const ACCOUNTS = 20;
const PEOPLE = 10_000;
/** More than any contestant takes on two processors; who comes that far says so in the table. */
const MOST_A_SECOND = 14_000;
const DRAINED_WITHIN_SECONDS = 600;
const UNFINISHED = "SELECT id FROM webhook_events WHERE status = 'pending' LIMIT 1";

/**
 * Stored and acknowledged: how many deliveries a second are answered 200, and how long the answer takes.
 * @param {string} databaseKind
 * @param {Options} options
 * @param {string} [suffix] of the result's name; with one, there are no goals
 */
export async function benchAck(databaseKind, options, suffix = '') {
  const server = await startServer(databaseKind);
  const graph = await Graph.start();
  const load = Load.start();
  try {
    const accounts = benchAccounts(ACCOUNTS);
    await graph.addAccounts(accounts);
    const names = Object.keys(CONTESTANTS).filter((name) => options.contestants?.includes(name) ?? true);
    const title = `ack, ${server.name}: deliveries stored and acknowledged, ${String(options.connections)} at a time`;
    const explanation = [
      `Load: ${String(options.connections)} kept-alive connections, each sends the next delivery as soon as the last is answered; every delivery is one text`,
      `message with a mid of its own, signed before the clock starts, from ${String(PEOPLE)} people to ${String(ACCOUNTS)} accounts. ${String(options.warmUpSeconds)} s to warm up, ${String(options.seconds)} s measured.`,
      'Load, contestant, local Meta and database server are each a process, on the same processors. Every contestant has a fresh database in every round.',
      `${String(options.rounds)} rounds, every contestant once in each, in an order that moves on. Figures are medians over the rounds; ratios are taken within a round.`,
      `Ours has ten rules an account, none of which matches: events are processed, nothing is sent (see \`reply\`). Durability: ${await durabilityOf(server)}.`,
      'Unfair to ours: it knows duplicates, keeps order, routes by account, logs and counts; the others do none of it.',
    ];
    explain(title, explanation);
    const results = await interleave(names, options.rounds, (name, round) => measure(name, round, { server, graph, load, accounts, options }));
    report({ title, explanation, suffix }, server, results, options);
  } finally {
    await load.stop();
    await graph.stop();
    await server.stop();
  }
}

/**
 * @param {string} name
 * @param {number} round
 * @param {{ server: BenchServer, graph: Graph, load: Load, accounts: ReturnType<typeof benchAccounts>, options: Options }} surroundings
 * @returns {Promise<Round>}
 */
async function measure(name, round, { server, graph, load, accounts, options }) {
  const contestant = CONTESTANTS[name];
  if (!contestant) throw new Error(`--contestants ${name}: give ${Object.keys(CONTESTANTS).join(', ')}`);
  const database = await server.create();
  try {
    const nodeArgs = options.profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`, `--cpu-prof-name=${name}-${server.kind}-${String(round)}.cpuprofile`];
    const running = await contestant.start({ database, graphUrl: graph.url, accounts, nodeArgs });
    try {
      const { connections, seconds, warmUpSeconds } = options;
      const plan = { accounts, people: PEOPLE };
      await load.prepare(MOST_A_SECOND * warmUpSeconds, plan);
      const warm = await load.run({ url: running.url, connections, seconds: warmUpSeconds });
      await load.prepare(MOST_A_SECOND * seconds, plan);
      const quiet = await quietness();
      const pids = { contestant: running.pid, database: server.pid, load: load.pid, graph: graph.pid };
      const { result, cost } = await costOf(pids, () => load.run({ url: running.url, connections, seconds }), server.statements);
      const accepted = warm.accepted + result.accepted;
      const kept = contestant.stored === null ? NaN : Number((await database.rows(contestant.stored))[0]?.kept);
      // What was refused as too late may be stored all the same.
      const lost = contestant.stored === null ? null : Math.max(0, accepted - kept);
      const drained = contestant.processes ? await drain(name, { database, graph, running, events: accepted, load: result }) : null;
      say(`  round ${String(round + 1)} ${name}: ${number(result.rate, 0)}/s, p99 ${number(result.latency.p99, 1)} ms, ${JSON.stringify(result.statuses)}` +
        `, elsewhere ${number(cost.elsewhere, 2)} processors${result.ranOut ? ', ran out of prepared deliveries' : ''}` +
        (drained ? `, drained ${number(drained.rate, 0)}/s` : ''));
      if (options.profile !== null) sayStatements(await database.statements(), accepted);
      return { load: result, cost, quiet, lost, drained };
    } finally {
      await running.stop();
    }
  } finally {
    await database.drop();
  }
}

/**
 * Until everything that was acknowledged is processed: by the process itself, or by a worker started now.
 * @param {string} name
 * @param {{ database: BenchDatabase, graph: Graph, running: { url: string, pid: number | undefined }, events: number, load: LoadResult }} surroundings
 * @returns {Promise<Drained>}
 */
async function drain(name, { database, graph, running, events, load }) {
  const everything = () => until('everything is processed', async () => (await database.rows(UNFINISHED)).length === 0, { seconds: DRAINED_WITHIN_SECONDS, everyMs: 200 });
  if (name !== 'ours-web') {
    await everything();
    const seconds = (Date.now() - load.startedAt) / 1000;
    return { events: load.accepted, seconds, rate: load.accepted / seconds, cpuPerEvent: NaN };
  }
  const worker = await startService({ database, graphUrl: graph.url, role: 'worker' });
  try {
    const { cost } = await costOf({ contestant: worker.pid, web: running.pid }, everything);
    return { events, seconds: cost.seconds, rate: events / cost.seconds, cpuPerEvent: (cost.cpu.contestant ?? NaN) / events };
  } finally {
    await worker.stop();
  }
}

/**
 * @param {{ title: string, explanation: string[], suffix: string }} heading
 * @param {BenchServer} server
 * @param {Map<string, Round[]>} results
 * @param {Options} options
 */
function report({ title, explanation, suffix }, server, results, options) {
  const rate = (/** @type {Round} */ round) => round.load.rate;
  const p99 = (/** @type {Round} */ round) => round.load.latency.p99;
  const of = (/** @type {string} */ name, /** @type {(round: Round) => number} */ figure) => median((results.get(name) ?? []).map(figure));
  const perDelivery = (/** @type {string} */ name, /** @type {string} */ who) => of(name, ({ cost, load }) => ((cost.cpu[who] ?? NaN) * 1e6) / load.accepted);
  const bars = (/** @type {(round: Round) => number} */ figure) =>
    [...results].map(([name, rounds]) => ({ label: CONTESTANTS[name]?.what ?? name, values: rounds.map(figure), ours: name.startsWith('ours') }));
  publish(`ack-${server.kind}${suffix}`, {
    title,
    explanation,
    command: `npm run bench -- --only ack --databases ${server.kind} --rounds ${String(options.rounds)} --seconds ${String(options.seconds)} --connections ${String(options.connections)}`,
    table: [
      ['', 'per s', 'of (a)', 'times (b)', 'p50 ms', 'p99 ms', 'p99 of (a)', 'CPU µs', 'database µs', 'statements', 'load µs', 'not 200', 'lost', 'drained per s'],
      ...[...results.keys()].map((name) => [
        CONTESTANTS[name]?.what ?? name,
        number(of(name, rate), 0),
        number(ratio(results, name, 'bare-nest', rate)),
        number(ratio(results, name, 'express-insert', rate)),
        number(of(name, (round) => round.load.latency.p50), 1),
        number(of(name, p99), 1),
        number(ratio(results, name, 'bare-nest', p99)),
        number(perDelivery(name, 'contestant'), 0),
        number(perDelivery(name, 'database'), 0),
        number(of(name, ({ cost, load }) => cost.statements / load.accepted), 2),
        number(perDelivery(name, 'load'), 0),
        sum(results.get(name), ({ load }) => load.answered - load.accepted + load.broken),
        results.get(name)?.[0]?.lost === null ? '–' : sum(results.get(name), ({ lost }) => lost ?? 0),
        number(of(name, ({ drained }) => drained?.rate ?? NaN), 0),
      ]),
    ],
    notes: [
      'CPU, database, load: processor time of the contestant, of the database server and of the load, per delivery; statements the database was sent, per delivery. lost: acknowledged but not stored.',
      'drained: with ROLE=web by a worker process afterwards; with ROLE=all from the first delivery to the last event processed.',
      ...([...results.values()].flat().some(({ load }) => load.ranOut) ? ['In some rounds everything prepared had gone out before the time was over: the rate stands, over a shorter time.'] : []),
      ...([...results.values()].flat().some(({ load }) => load.accepted < load.answered) ? ['Not everything was answered 200: of the others some may be stored all the same, so that lost ones could hide among them (`reply` and the tests count each).'] : []),
      quietLine([...results.values()].flat()),
    ],
    // They are for full load.
    goals: server.kind === 'mysql' && suffix === '' ? goalsOf(results) : [],
    charts: [
      { id: 'rate', title: `Deliveries acknowledged a second, ${server.name}, ${String(options.connections)} at a time`, bars: bars(rate) },
      { id: 'p99', title: `p99 of the acknowledgement, ms, ${server.name}, ${String(options.connections)} at a time`, bars: bars(p99) },
    ],
  }, {
    benchmark: 'ack', database: { kind: server.kind, name: server.name, durability: server.durability }, options,
    contestants: Object.fromEntries([...results].map(([name, rounds]) => [name, { what: CONTESTANTS[name]?.what, rounds }])),
  });
}

/**
 * The goals are for two processors with MySQL.
 * @param {Map<string, Round[]>} results
 */
function goalsOf(results) {
  if (!results.has('ours-web')) return [];
  const rate = (/** @type {Round} */ round) => round.load.rate;
  const p99 = (/** @type {Round} */ round) => round.load.latency.p99;
  return [
    goal('ROLE=web, deliveries a second, of (a) bare Nest', ratio(results, 'ours-web', 'bare-nest', rate), 'at least', 0.9),
    goal('ROLE=web, deliveries a second, of (b) Express by hand', ratio(results, 'ours-web', 'express-insert', rate), 'at least', 2.5, ' times'),
    goal('ROLE=all, deliveries a second, of (a) bare Nest', ratio(results, 'ours-all', 'bare-nest', rate), 'at least', 0.6),
    goal('ROLE=web, p99 of the acknowledgement, of (a)', ratio(results, 'ours-web', 'bare-nest', p99), 'at most', 1.5, ' times'),
    goal('lost deliveries', sum([...(results.get('ours-web') ?? []), ...(results.get('ours-all') ?? [])], ({ lost }) => lost ?? 0), 'at most', 0),
  ];
}

/**
 * @param {readonly Round[] | undefined} rounds
 * @param {(round: Round) => number} figure
 */
function sum(rounds, figure) {
  return (rounds ?? []).reduce((total, round) => total + figure(round), 0);
}
