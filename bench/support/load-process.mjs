// @ts-check
import { serveParent } from './child.mjs';
import { Requests } from './requests.mjs';
import { WireClient } from './wire-client.mjs';

/** @typedef {import('./load.mjs').LoadOrder} LoadOrder */
/** @typedef {import('./load.mjs').LoadPlan} LoadPlan */
/** @typedef {import('./load.mjs').LoadResult} LoadResult */

const PACE_EVERY_MS = 2;
/** For an answer that names no time. */
const REDELIVER_AFTER_MS = 1000;
const requests = new Requests();

serveParent({
  /** @param {LoadPlan & { count: number }} plan */
  prepare: ({ count, ...plan }) => requests.prepare(count, plan),
  run,
});

/**
 * @param {LoadOrder} order
 * @returns {Promise<LoadResult>}
 */
async function run({ url, connections, seconds = Infinity, rate, redeliver = false }) {
  const { hostname, port } = new URL(url);
  /** @type {Record<string, number>} */
  const statuses = {};
  const latencies = new Float64Array(requests.waiting);
  let [accepted, answered, broken, redelivered] = [0, 0, 0, 0];
  const cpu = process.cpuUsage();
  const startedAt = Date.now();
  const began = performance.now();
  const until = began + seconds * 1000;
  let last = began;

  /** When the n-th delivery is due; without a rate it always is. */
  let due = 0;
  const dueAt = () => began + (due * 1000) / (rate ?? Infinity);
  /** What was refused and will be delivered again, in the order in which it is due. @type {{ request: Buffer, at: number }[]} */
  const refused = [];
  let underWay = 0;
  /** @type {WireClient[]} */
  const idle = [];
  let active = connections;
  /** @type {() => void} */
  let finished = () => undefined;
  const end = new Promise((resolve) => (finished = () => resolve(undefined)));

  /** @param {WireClient} client */
  const next = (client) => {
    const now = performance.now();
    const again = refused[0] !== undefined && refused[0].at <= now;
    const nothingLeft = requests.waiting === 0 && refused.length === 0 && (!redeliver || underWay === 0);
    if (now >= until || nothingLeft) {
      client.close();
      active -= 1;
      if (active === 0) finished();
      return;
    }
    if (!again && (requests.waiting === 0 || (rate !== undefined && dueAt() > now))) return void idle.push(client);
    const since = again || rate === undefined ? now : dueAt();
    const request = again ? /** @type {{ request: Buffer }} */ (refused.shift()).request : requests.take();
    if (again) redelivered += 1;
    else due += 1;
    underWay += 1;
    client.send(request, (status, retryAfterSeconds) => {
      last = performance.now();
      underWay -= 1;
      if (status === 0) broken += 1;
      else answered += 1;
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) latencies[accepted++] = last - since;
      else if (redeliver) refused.push({ request, at: last + (retryAfterSeconds * 1000 || REDELIVER_AFTER_MS) });
      next(client);
    });
  };
  const pace = setInterval(() => {
    for (const client of idle.splice(0)) next(client);
  }, PACE_EVERY_MS);
  for (let nth = 0; nth < connections; nth++) next(new WireClient(hostname, Number(port)));
  await end;
  clearInterval(pace);

  const used = process.cpuUsage(cpu);
  const took = (last - began) / 1000;
  const sorted = latencies.subarray(0, accepted).sort();
  const quantile = (/** @type {number} */ q) => sorted[Math.min(accepted - 1, Math.floor(accepted * q))] ?? NaN;
  return {
    seconds: took, answered, statuses, accepted, broken, redelivered,
    rate: accepted / took,
    latency: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max: sorted[accepted - 1] ?? NaN },
    ranOut: requests.waiting === 0 && last < until && seconds !== Infinity,
    cpu: (used.user + used.system) / 1e6,
    startedAt,
  };
}
