// @ts-check
import { serveParent } from '../support/child.mjs';
import { Requests } from '../support/requests.mjs';
import { WireClient } from '../support/wire-client.mjs';

/** @typedef {import('./storm.mjs').StormOrder} StormOrder */
/** @typedef {import('./storm.mjs').StormResult} StormResult */

const TICK_MS = 5;
const LONGEST_BACKOFF_MS = 15_000;
const requests = new Requests();

serveParent({
  /** @param {import('../support/load.mjs').LoadPlan & { count: number }} plan */
  prepare: ({ count, ...plan }) => requests.prepare(count, plan),
  run,
});

/**
 * @param {StormOrder} order
 * @returns {Promise<StormResult>}
 */
async function run({ url, connections, rate, giveUpAfterSeconds }) {
  const { hostname, port } = new URL(url);
  const bodies = Array.from({ length: requests.waiting }, () => requests.take());
  const tries = new Uint8Array(bodies.length);
  /** @type {Record<string, number>} */
  const statuses = {};
  /** @type {Record<string, number[]>} */
  const latencies = {};
  /** @type {number[]} */
  const ready = [];
  /** When → which are due again. @type {Map<number, number[]>} */
  const later = new Map();
  /** @type {number[]} */
  const connects = [];
  /** How much later than due this process came to look at anything: what is measured may have come that much sooner. @type {number[]} */
  const lags = [];
  const idle = Array.from({ length: connections }, () => new WireClient(hostname, Number(port), (afterMs) => connects.push(afterMs)));
  /** @type {StormResult['timeline']} */
  const timeline = [];
  const began = performance.now();
  let due = 0;
  let accepted = 0;
  let underWay = 0;
  let mostUnderWay = 0;
  let mostWaitingHere = 0;

  /** @param {number} nth */
  const again = (nth) => {
    const made = tries[nth] ?? 0;
    tries[nth] = Math.min(255, made + 1);
    // At once, then with growing patience.
    const wait = made === 0 ? 0 : Math.min(LONGEST_BACKOFF_MS, 500 * 2 ** (made - 1)) * (0.75 + Math.random() / 2);
    if (wait === 0) return void ready.push(nth);
    const slot = Math.ceil((performance.now() + wait) / 100);
    const list = later.get(slot);
    if (list) list.push(nth);
    else later.set(slot, [nth]);
  };

  /** @param {number} nth @param {WireClient} client */
  const send = (nth, client) => {
    const since = performance.now();
    underWay += 1;
    if (underWay > mostUnderWay) mostUnderWay = underWay;
    client.send(/** @type {Buffer} */ (bodies[nth]), (status) => {
      const now = performance.now();
      underWay -= 1;
      statuses[status] = (statuses[status] ?? 0) + 1;
      (latencies[status] ??= []).push(now - since);
      const second = (timeline[Math.floor((now - began) / 1000)] ??= { accepted: 0, refused: 0, broken: 0 });
      if (status === 200) second.accepted += 1;
      else if (status === 0) second.broken += 1;
      else second.refused += 1;
      if (status === 200) accepted += 1;
      else again(nth);
      const next = ready.pop();
      if (next === undefined) idle.push(client);
      else send(next, client);
    });
  };

  await new Promise((resolve) => {
    let lastSlot = Math.floor(performance.now() / 100);
    let looked = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      lags.push(Math.max(0, now - looked - TICK_MS));
      looked = now;
      while (due < bodies.length && began + (due * 1000) / rate <= now) ready.push(due++);
      for (const slot = Math.floor(now / 100); lastSlot <= slot; lastSlot++) {
        ready.push(...(later.get(lastSlot) ?? []));
        later.delete(lastSlot);
      }
      while (ready.length > 0 && idle.length > 0) {
        const [nth, client] = [ready.pop(), idle.pop()];
        if (nth !== undefined && client) send(nth, client);
      }
      if (ready.length > mostWaitingHere) mostWaitingHere = ready.length;
      if (accepted < bodies.length && now - began < giveUpAfterSeconds * 1000) return;
      clearInterval(timer);
      resolve(undefined);
    }, TICK_MS);
  });
  for (const client of idle) client.close();
  const spread = (/** @type {number[]} */ list) => {
    const sorted = Float64Array.from(list).sort();
    const of = (/** @type {number} */ q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
    return { p50: of(0.5), p99: of(0.99), max: of(1) };
  };
  return {
    seconds: (performance.now() - began) / 1000,
    deliveries: bodies.length, accepted, statuses, mostUnderWay, mostWaitingHere,
    refusedOnce: tries.filter((made) => made > 0).length,
    latency: Object.fromEntries(Object.entries(latencies).map(([status, list]) => [status, spread(list)])),
    connects: { count: connects.length, ...spread(connects) },
    lag: spread(lags),
    timeline: Array.from(timeline, (second) => second ?? { accepted: 0, refused: 0, broken: 0 }),
  };
}
