// @ts-check
import { RULES } from '../ack/contestants.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { costOf, quietness, quietOnce, until } from '../support/measure.mjs';
import { metricBy, mib, watchMemory } from '../support/memory.mjs';
import { explain, goal, number, publish, say, table } from '../support/report.mjs';
import { addAccounts, startService } from '../support/service.mjs';
import { startServer } from '../support/servers.mjs';
import { kernelCounts, kernelCountsSince } from './kernel.mjs';
import { Storm } from './storm.mjs';

const ACCOUNTS = 20;
const PEOPLE = 10_000;
const CAPACITY_SECONDS = 6;
const CAPACITY_CONNECTIONS = 64;
const COMPLETE_WITHIN_SECONDS = 600;
/** Of the load itself: more than this, and its figures are not the service's. */
const LATE_MS = 1_000;

/**
 * @param {string} databaseKind
 * @param {{ seconds: number, times: number, connections: number }} options
 * @returns {Promise<boolean>} every goal reached
 */
export async function benchOverload(databaseKind, options) {
  const server = await startServer(databaseKind);
  const graph = await Graph.start();
  const load = Load.start();
  const storm = Storm.start();
  try {
    const title = `overload, ${server.name}: ${String(options.times)} times what it can take`;
    const explanation = [
      `First the capacity: ${String(CAPACITY_CONNECTIONS)} connections as fast as answers come, ${String(CAPACITY_SECONDS)} s. Then ${String(options.times)} times that rate for ${String(options.seconds)} s, whether or not answers come,`,
      `over at most ${String(options.connections)} connections, each delivery one text message. What is not answered 200 is delivered again: at once, then after 0.5, 1, 2, … 15 s.`,
      `Processes: load, service (ROLE=all), local Meta, database server, on the same processors. Durability: ${Object.entries(server.durability).map((pair) => pair.join('=')).join(', ')}.`,
      'Unfair to the service: the load process takes its share of the same processors while it storms, so the real capacity is below the one measured.',
    ];
    explain(title, explanation);
    const accounts = benchAccounts(ACCOUNTS);
    await graph.addAccounts(accounts);
    const database = await server.create();
    const service = await startService({ database, graphUrl: graph.url });
    const memory = watchMemory(service.pid);
    try {
      await addAccounts(service, accounts, RULES);
      const plan = { accounts, people: PEOPLE };
      const quiet = await quietness();
      await load.prepare(14_000 * CAPACITY_SECONDS, plan);
      const before = await load.run({ url: service.url, connections: CAPACITY_CONNECTIONS, seconds: CAPACITY_SECONDS });
      const calm = memory.peak;
      const rate = Math.ceil(before.rate * options.times);
      say(`capacity ${number(before.rate, 0)}/s (p99 ${number(before.latency.p99, 0)} ms); the storm: ${number(rate, 0)}/s, ${number(rate * options.seconds, 0)} deliveries`);
      await storm.prepare(rate * options.seconds, plan);
      const [began, kernelBefore] = [Date.now(), kernelCounts()];
      const pids = { service: service.pid, database: server.pid, storm: storm.pid, graph: graph.pid };
      const { result, cost } = await costOf(pids, () => storm.run({ url: service.url, connections: options.connections, rate, giveUpAfterSeconds: COMPLETE_WITHIN_SECONDS }));
      const kernel = kernelCountsSince(kernelBefore);
      const expected = before.accepted + result.deliveries;
      const count = async (/** @type {string} */ sql) => Number((await database.rows(sql))[0]?.n);
      await until('everything is processed', async () => (await count("SELECT COUNT(*) AS n FROM (SELECT id FROM webhook_events WHERE status = 'pending' LIMIT 1) some")) === 0, { seconds: COMPLETE_WITHIN_SECONDS, everyMs: 500 });
      const settledAfter = (Date.now() - began) / 1000;
      const stored = await count('SELECT COUNT(*) AS n FROM webhook_events');
      const applied = await count("SELECT COUNT(*) AS n FROM webhook_events WHERE status = 'processed'");
      const messages = await count('SELECT COUNT(*) AS n FROM messages');
      const distinct = await count('SELECT COUNT(DISTINCT external_key) AS n FROM messages');
      const counted = await count('SELECT SUM(message_count) AS n FROM conversations');
      const reasons = await metricBy({ url: service.url, adminKey: service.adminKey }, 'instagram_deliveries_refused_total', 'reason');
      const told = report(result, { stored, applied, messages, settledAfter, calm, peak: memory.peak, reasons, seconds: options.seconds, kernel });
      const slowest = Math.max(...Object.values(result.latency).map(({ max }) => max));
      const goals = [
        goal('slowest answer, seconds', slowest / 1000, 'at most', 5),
        goal('connections that ended without an answer', result.statuses[0] ?? 0, 'at most', 0),
        goal('answers other than 200 and 503', Object.entries(result.statuses).reduce((sum, [status, n]) => sum + (['0', '200', '503'].includes(status) ? 0 : n), 0), 'at most', 0),
        goal('lost: deliveries answered 200 and not stored', expected - stored, 'at most', 0),
        goal('deliveries not answered 200 in the end', result.deliveries - result.accepted, 'at most', 0),
        goal('stored and not applied', stored - applied, 'at most', 0),
        goal('recorded twice, or counted other than recorded', messages - distinct + Math.abs(messages - expected) + Math.abs(counted - messages), 'at most', 0),
        goal('peak of resident memory, MiB', mib(memory.peak), 'at most', 1024),
      ];
      publish(`overload-${server.kind}`, {
        title,
        explanation,
        command: `npm run bench:overload -- --databases ${server.kind}`,
        table: told.table,
        notes: [`Capacity: ${number(before.rate, 0)}/s (p99 ${number(before.latency.p99, 0)} ms); the storm: ${number(rate, 0)}/s.`, ...told.notes, quietOnce({ quiet, cost })],
        goals,
        charts: [{
          id: 'seconds',
          title: `Answers a second at ${String(options.times)} times the capacity, ${server.name}`,
          across: `seconds; new deliveries come for the first ${String(options.seconds)}`,
          lines: [
            { label: 'stored (200)', points: result.timeline.map(({ accepted }, second) => /** @type {[number, number]} */ ([second, accepted])) },
            { label: 'refused (503)', points: result.timeline.map(({ refused }, second) => /** @type {[number, number]} */ ([second, refused])) },
          ],
        }],
      }, { benchmark: 'overload', database: { kind: server.kind, name: server.name, durability: server.durability }, options, quiet, cost, capacity: before, storm: result, kernel, reasons, memory: { calm, peak: memory.peak }, settledAfter });
      return goals.every(({ reached }) => reached);
    } finally {
      memory.stop();
      await service.stop();
      await database.drop();
    }
  } finally {
    await storm.stop();
    await load.stop();
    await graph.stop();
    await server.stop();
  }
}

/**
 * @param {import('./storm.mjs').StormResult} result
 * @param {{ stored: number, applied: number, messages: number, settledAfter: number, calm: number, peak: number, reasons: Record<string, number>, seconds: number, kernel: import('./kernel.mjs').KernelCounts }} after
 */
function report(result, { stored, applied, messages, settledAfter, calm, peak, reasons, seconds, kernel }) {
  say();
  table([
    ['second', 'answered 200', 'answered 503', 'no answer'],
    ...result.timeline.flatMap((second, nth) => (nth < seconds + 5 ? [[String(nth + 1), number(second.accepted, 0), number(second.refused, 0), number(second.broken, 0)]] : [])),
  ]);
  const answers = [
    ['answer', 'count', 'p50 ms', 'p99 ms', 'slowest ms'],
    ...Object.entries(result.statuses).map(([status, count]) => {
      const latency = result.latency[status];
      return [status === '0' ? 'none' : status, number(count, 0), number(latency?.p50, 0), number(latency?.p99, 0), number(latency?.max, 0)];
    }),
  ];
  return { table: answers, notes: [
    // What no answer can be early of, whoever's fault it is: the service's queue was full, or this process did not look.
    `${number(result.connects.count, 0)} connections opened, there after p50 ${number(result.connects.p50, 0)} ms, p99 ${number(result.connects.p99, 0)} ms, slowest ${number(result.connects.max, 0)} ms (within the times above). ` +
      `The kernel found the queue of new connections full ${number(kernel.dropped, 0)} times, and repeated a SYN ${number(kernel.repeated, 0)} times (machine-wide). ` +
      `The load process looked late itself by p50 ${number(result.lag.p50, 0)} ms, p99 ${number(result.lag.p99, 0)} ms, at most ${number(result.lag.max, 0)} ms.`,
    ...(result.lag.max > LATE_MS ? ['The load process, or the whole machine, stood still for longer than a second: the slowest answers say more about that than about the service. Measure again.'] : []),
    `Refused for: ${Object.entries(reasons).filter(([, count]) => count > 0).map(([reason, count]) => `${number(count, 0)} ${reason}`).join(', ') || 'nothing'}.`,
    `${number(result.deliveries, 0)} deliveries, ${number(result.refusedOnce, 0)} of them refused at least once; all answered 200 after ${number(result.seconds, 1)} s, all applied after ${number(settledAfter, 1)} s.`,
    `At most ${number(result.mostUnderWay, 0)} under way, ${number(result.mostWaitingHere, 0)} more waiting for a connection. Stored ${number(stored, 0)}, applied ${number(applied, 0)}, messages ${number(messages, 0)}.`,
    `Resident memory ${number(mib(calm), 0)} MiB at capacity, ${number(mib(peak), 0)} MiB at most.`,
  ] };
}
