// @ts-check
import { RULES } from '../ack/contestants.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { costOf, median, quietness } from '../support/measure.mjs';
import { metric, mib, watchMemory } from '../support/memory.mjs';
import { explain, number, say } from '../support/report.mjs';
import { addAccounts, startService } from '../support/service.mjs';
import { durabilityOf, giveBufferPool, startServer } from '../support/servers.mjs';
import { reportMemory } from './report.mjs';

const ACCOUNTS = 50;
/** Many more than any cache holds. */
const PEOPLE = 500_000;
const HEAP_EVERY_MS = 1000;
/** The figures are the service's, so the database is given what it needs not to hold it up. */
const BUFFER_POOL_MIB = 1024;

/** @typedef {{ deliveries: number, rate: number, resident: number, heap: number, external: number, backlog: number }} Sample `deliveries`: so far, below zero while it warms up */
/** @typedef {{ deliveries: number, warmUp: number, every: number, connections: number }} Options */

/**
 * @param {string} databaseKind
 * @param {Options} options
 * @returns {Promise<boolean>} flat
 */
export async function benchMemory(databaseKind, options) {
  const { deliveries, warmUp, every, connections } = options;
  const server = await startServer(databaseKind);
  const graph = await Graph.start();
  const load = Load.start();
  try {
    const title = `memory, ${server.name}: ${number(deliveries, 0)} deliveries`;
    const explanation = [
      `ROLE=all, ${String(connections)} connections as fast as answers come, text messages of ${number(PEOPLE, 0)} people to ${String(ACCOUNTS)} accounts with ten rules each; a sample every ${number(every, 0)}`,
      `deliveries, after ${number(warmUp, 0)} to warm up. Resident memory: the median of what Linux said while a sample's deliveries came (5 times a second). Heap: the lowest`,
      'seen meanwhile (once a second), which is what is left after a collection. Flat, from a fifth of the deliveries on: no tenth of them further than 10 % from the median of all,',
      'and the last no more than 10 % above the first; resident memory and heap alike. What would make it unfair: few people or accounts (caches would not fill).',
      `${server.kind === 'sqlite' ? '' : `Buffer pool ${number(BUFFER_POOL_MIB, 0)} MiB. `}Durability: ${await durabilityOf(server)}.`,
    ];
    explain(title, explanation);
    const accounts = benchAccounts(ACCOUNTS);
    await graph.addAccounts(accounts);
    const database = await server.create();
    await giveBufferPool(server, database, BUFFER_POOL_MIB);
    const service = await startService({ database, graphUrl: graph.url });
    const memory = watchMemory(service.pid);
    try {
      await addAccounts(service, accounts, RULES);
      const quiet = await quietness();
      const pids = { service: service.pid, database: server.pid, load: load.pid, graph: graph.pid };
      const { result: samples, cost } = await costOf(pids, () => takeSamples({ service, load, memory, plan: { accounts, people: PEOPLE }, options }));
      return reportMemory({ title, explanation }, server, samples, { options, quiet, cost, peak: memory.peak });
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

/**
 * @param {{ service: { url: string, adminKey: string }, load: Load, memory: ReturnType<typeof watchMemory>, plan: import('../support/load.mjs').LoadPlan, options: Options }} surroundings
 */
async function takeSamples({ service, load, memory, plan, options: { deliveries, warmUp, every, connections } }) {
  /** @type {Sample[]} */
  const samples = [];
  for (let done = -warmUp; done < deliveries;) {
    const count = Math.min(every, done < 0 ? -done : deliveries - done);
    await load.prepare(count, plan);
    memory.take();
    const heaps = watchHeap(service);
    const result = await load.run({ url: service.url, connections, redeliver: true });
    if (result.accepted !== count) throw new Error(`Of ${String(count)} deliveries ${String(result.accepted)} were answered 200: ${JSON.stringify(result.statuses)}`);
    const { heap, external } = await heaps.stop();
    done += count;
    const sample = { deliveries: done, rate: result.rate, resident: median(memory.take()), heap, external, backlog: await metric(service, 'instagram_queue_depth') };
    say(`  ${number(done, 0).padStart(10)} deliveries: resident ${number(mib(sample.resident), 0)} MiB, heap ${number(mib(heap), 0)} MiB, buffers ${number(mib(external), 0)} MiB; ${number(result.rate, 0)}/s${done <= 0 ? ' (warm-up)' : ''}`);
    samples.push(sample);
  }
  return samples;
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
