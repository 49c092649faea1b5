// @ts-check
import { RULES } from '../ack/contestants.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { median, quietness } from '../support/measure.mjs';
import { metric, mib, watchMemory } from '../support/memory.mjs';
import { explain, goal, number, printGoals, say, writeResult } from '../support/report.mjs';
import { addAccounts, startService } from '../support/service.mjs';
import { startServer } from '../support/servers.mjs';

const ACCOUNTS = 50;
/** Many more than any cache holds. */
const PEOPLE = 500_000;
const HEAP_EVERY_MS = 1000;

/** @typedef {{ deliveries: number, rate: number, resident: number, heap: number, external: number, backlog: number }} Sample */

/**
 * @param {string} databaseKind
 * @param {{ deliveries: number, warmUp: number, every: number, connections: number }} options
 * @returns {Promise<boolean>} flat
 */
export async function benchMemory(databaseKind, options) {
  const { deliveries, warmUp, every, connections } = options;
  const server = await startServer(databaseKind);
  const graph = await Graph.start();
  const load = Load.start();
  try {
    explain(`memory, ${server.name}: ${number(deliveries, 0)} deliveries`, [
      `ROLE=all, ${String(connections)} connections as fast as answers come, text messages of ${number(PEOPLE, 0)} people to ${String(ACCOUNTS)} accounts; a sample every ${number(every, 0)}`,
      `deliveries, after ${number(warmUp, 0)} to warm up. Resident memory: the median of what Linux said while a sample's deliveries came (5 times a second). Heap: the lowest`,
      'seen meanwhile (once a second), which is what is left after a collection. Flat: no sample further than 10 % from the median of all, for resident memory;',
      'and the heap of the last quarter within 10 % of that of the first. What would make it unfair: few people or accounts (caches would not fill).',
    ]);
    const accounts = benchAccounts(ACCOUNTS);
    await graph.addAccounts(accounts);
    const database = await server.create();
    const service = await startService({ database, graphUrl: graph.url });
    const memory = watchMemory(service.pid);
    try {
      await addAccounts(service, accounts, RULES);
      const quiet = await quietness();
      const plan = { accounts, people: PEOPLE };
      /** @type {Sample[]} */
      const samples = [];
      for (let done = -warmUp; done < deliveries;) {
        const count = Math.min(every, done < 0 ? -done : deliveries - done);
        await load.prepare(count, plan);
        memory.take();
        const heaps = watchHeap(service);
        const result = await load.run({ url: service.url, connections });
        if (result.accepted !== count) throw new Error(`Of ${String(count)} deliveries ${String(result.accepted)} were answered 200: ${JSON.stringify(result.statuses)}`);
        const { heap, external } = await heaps.stop();
        done += count;
        const sample = { deliveries: done, rate: result.rate, resident: median(memory.take()), heap, external, backlog: await metric(service, 'instagram_queue_depth') };
        say(`  ${number(done, 0).padStart(10)} deliveries: resident ${number(mib(sample.resident), 0)} MiB, heap ${number(mib(heap), 0)} MiB, buffers ${number(mib(external), 0)} MiB; ${number(result.rate, 0)}/s${done <= 0 ? ' (warm-up)' : ''}`);
        if (done > 0) samples.push(sample);
      }
      return report(server, samples, { options, quiet, peak: memory.peak });
    } finally {
      memory.stop();
      await service.stop();
      await database.drop();
    }
  } finally {
    await load.stop();
    await graph.stop();
    await server.stop();
  }
}

/** @param {{ url: string, adminKey: string }} service */
function watchHeap(service) {
  let heap = Infinity;
  let external = Infinity;
  const look = async () => {
    heap = Math.min(heap, await metric(service, 'nodejs_heap_size_used_bytes'));
    external = Math.min(external, await metric(service, 'nodejs_external_memory_bytes'));
  };
  const timer = setInterval(() => void look().catch(() => undefined), HEAP_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await look();
      return { heap, external };
    },
  };
}

/**
 * @param {import('../support/servers.mjs').BenchServer} server
 * @param {readonly Sample[]} samples
 * @param {{ options: object, quiet: object, peak: number }} more
 */
function report(server, samples, { options, quiet, peak }) {
  const residents = samples.map(({ resident }) => resident);
  const middle = median(residents);
  const farthest = Math.max(...residents.map((resident) => Math.abs(resident - middle) / middle));
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const growth = (/** @type {(sample: Sample) => number} */ figure) => median(samples.slice(-quarter).map(figure)) / median(samples.slice(0, quarter).map(figure));
  const goals = [
    goal('resident memory, farthest sample from the median, %', farthest * 100, 'at most', 10),
    goal('resident memory, last quarter of the samples to the first', growth(({ resident }) => resident), 'at most', 1.1, ' times'),
    goal('heap, last quarter to the first', growth(({ heap }) => heap), 'at most', 1.1, ' times'),
  ];
  printGoals(goals);
  say(`\nMedian ${number(mib(middle), 0)} MiB, peak ${number(mib(peak), 0)} MiB.`);
  const flat = goals.every(({ reached }) => reached);
  say(flat ? 'FLAT' : 'NOT FLAT');
  say(writeResult(`memory-${server.kind}`, { benchmark: 'memory', database: { kind: server.kind, name: server.name }, options, quiet, samples, peak, goals }));
  return flat;
}
