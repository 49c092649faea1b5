// @ts-check
// What each does besides being fast, by really sending it.
import { setTimeout as delay } from 'node:timers/promises';
import { deliver, messageOf } from '../support/deliveries.mjs';
import { until } from '../support/measure.mjs';
import { CONTESTANTS, KEYWORD } from './contestants.mjs';

/** @typedef {import('../support/accounts.mjs').BenchAccount} BenchAccount */
/** @typedef {import('../support/deliveries.mjs').Delivery} Delivery */
/** @typedef {import('../support/graph.mjs').Graph} Graph */
/** @typedef {import('../support/servers.mjs').BenchServer} BenchServer */

/**
 * @typedef {object} Behaviour
 * @property {string} repeated how often a message was replied to that was delivered twice
 * @property {string} three how many of three messages in one delivery were replied to
 * @property {string} forged what a wrong signature was answered, and whether it was replied to
 * @property {string} killed how often a message was replied to whose process was killed before the reply went out
 */

/** Long enough for a reply that is going to come: each takes milliseconds. */
const QUIET_MS = 2500;
/** After a restart, with attempts that failed before it. */
const LATE_SECONDS = 60;
const ANSWER_WITHIN_MS = 15_000;
const PEOPLE = 1000;

/**
 * @param {string} name
 * @param {{ server: BenchServer, graph: Graph, accounts: readonly BenchAccount[] }} surroundings
 * @returns {Promise<Behaviour>}
 */
export async function watch(name, { server, graph, accounts }) {
  const contestant = CONTESTANTS[name];
  const [account] = accounts;
  if (!contestant || !account) throw new Error(`There is no contestant ${name}`);
  const database = await server.create();
  const surroundings = { database, graphUrl: graph.url, accounts, nodeArgs: [] };
  let running = await contestant.start(surroundings);
  let graphIsAway = false;
  // Its own people for each question: persons 0, 50, 100 … belong to the first account.
  const write = (/** @type {number} */ nth) => messageOf(account, { person: nth, text: `The ${KEYWORD} please`, nth });
  const expect = (/** @type {number} */ first, /** @type {number} */ count) => graph.expect({ accounts, people: PEOPLE, first, count });
  const step = accounts.length;
  try {
    await expect(step, 1);
    const delivery = deliver(account, [write(step)]);
    await post(running.url, delivery);
    await until(`${name} replies`, async () => (await graph.replies()).answered === 1, { seconds: 30 });
    await post(running.url, delivery);
    await delay(QUIET_MS);
    const repeated = times((await graph.replies()).calls);

    const three = [2, 3, 4].map((nth) => nth * step);
    await expect(three[0] ?? 0, 2 * step + 1);
    await post(running.url, deliver(account, three.map(write)));
    await delay(QUIET_MS);
    const answered = `${String((await graph.replies()).answered)} of 3`;

    await expect(5 * step, 1);
    const forged = await post(running.url, deliver(account, [write(5 * step)], 'not the app secret'));
    await delay(QUIET_MS);
    const forgedReplies = (await graph.replies()).calls;

    await expect(6 * step, 1);
    await graph.away();
    graphIsAway = true;
    const last = deliver(account, [write(6 * step)]);
    const status = await post(running.url, last);
    await running.kill();
    await graph.back();
    graphIsAway = false;
    running = await contestant.start({ ...surroundings, again: true });
    // As Meta does: what was not answered 200 comes again, what was does not.
    if (status !== 200) await post(running.url, last);
    const late = async () => (await graph.replies()).calls > 0;
    await until('a late reply comes', late, { seconds: status === 200 && contestant.state === 'memory' ? 5 : LATE_SECONDS }).catch(() => undefined);
    await delay(QUIET_MS);
    const killed = `${times((await graph.replies()).calls)} (after ${String(status)})`;

    return { repeated, three: answered, forged: `${String(forged)}, ${forgedReplies > 0 ? 'replied to' : 'no reply'}`, killed };
  } finally {
    if (graphIsAway) await graph.back();
    await running.stop();
    await database.drop();
  }
}

/** @param {number} count */
function times(count) {
  return count === 0 ? 'never' : count === 1 ? 'once' : count === 2 ? 'twice' : `${String(count)} times`;
}

/**
 * @param {string} url
 * @param {Delivery} delivery
 * @returns {Promise<number>} the status; 0: no answer
 */
async function post(url, { path, headers, body }) {
  const options = { method: 'POST', headers, body: new Uint8Array(body), signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
  return await fetch(url + path, options).then(({ status }) => status, () => 0);
}
