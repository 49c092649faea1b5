// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalMeta } from './built.mjs';
import { startRedis } from '../support/servers/redis.mjs';
import { listUnsettled, openDatabase, readJournal } from './database.mjs';
import { Faults } from './faults.mjs';
import { killOften } from './kills.mjs';
import { Load } from './load.mjs';
import { Random } from './random.mjs';
import { countSteps, printFigures, printProblems, say } from './report.mjs';
import { freePort, Service } from './service.mjs';
import { tellStory } from './story.mjs';
import { judge } from './verdict.mjs';
import { RULES, wordsOf } from './words.mjs';

/** @typedef {import('./options.mjs').Options} Options */
/** @typedef {import('./verdict.mjs').Problem} Problem */
/** @typedef {import('./verdict.mjs').Shown} Shown */
/** @typedef {import('./database.mjs').ChaosDatabase} ChaosDatabase */
/** @typedef {import('../../src/local-meta/index.js').LocalMeta} Meta */
/** @typedef {import('../../src/local-meta/index.js').RecordedSend} RecordedSend */

/** Echoes are delivered for as long as it takes. */
const NEVER_GIVE_UP = Number.MAX_SAFE_INTEGER;
const TOLD_EVERY = 10;

/**
 * One run, from an empty database to the verdict.
 * @param {Options} options
 * @returns {Promise<boolean>} whether everything holds
 */
export async function play(options) {
  const began = Date.now();
  const random = new Random(options.seed);
  const folder = mkdtempSync(join(tmpdir(), 'direct-chaos-'));
  const faults = new Faults(random.fork('faults'));
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [];
  let holds = false;
  try {
    const database = await openDatabase(options.database, folder);
    undo.unshift(() => database.close());
    const meta = await LocalMeta.start({ faults: (call) => faults.of(call), echoAttempts: NEVER_GIVE_UP });
    undo.unshift(() => meta.close());
    const redis = options.instances > 1 ? await startRedis(process.env) : null;
    if (options.instances > 1 && !redis) throw new Error('Redis can neither be found nor had here (see test/README.md).');
    undo.unshift(async () => redis?.stop());
    const env = { ...database.env, ...(redis ? { REDIS_URL: redis.url } : {}), GRAPH_API_BASE_URL: meta.graphUrl };
    /** @type {Service[]} */
    const services = [];
    for (let nth = 0; nth < options.instances; nth++) services.push(new Service({ folder, port: await freePort(), env }));
    const [service] = /** @type {[Service]} */ (services);
    undo.unshift(() => Promise.all(services.map((one) => one.stop())));
    say(`Seed ${String(options.seed)}, ${database.name}${redis ? `, ${String(services.length)} instances on Redis ${redis.version}` : ''}`);
    for (const one of services) one.spawn();
    await Promise.all(services.map((one) => one.ready()));
    await database.keepJournal();
    const accounts = await addAccounts(services, meta, options.accounts);

    const load = new Load({ meta, accounts, random: random.fork('load') });
    load.start(options.conversations);
    /** @type {Date[]} */
    const killed = [];
    const moments = await killOften({
      services, faults, random: random.fork('kills'), kills: options.kills,
      onKill: (made) => {
        killed.push(new Date());
        if (made % TOLD_EVERY === 0) say(`  ${String(made)} kills, ${String(meta.accepted.length)} messages accepted by Meta`);
      },
    });
    await load.stop();
    const stopped = Date.now();
    const unsettled = await settle(database, meta, options.settle);
    const settled = Date.now();
    const journal = await readJournal(database);
    const shown = await readShown(service, accounts);

    const sends = byRecipient(meta.sends);
    const sendsTo = (/** @type {string} */ person) => sends.get(person) ?? [];
    let answered = 0;
    /** @type {Problem[]} */
    const problems = [];
    for (const talk of load.talks) {
      const accepted = sendsTo(talk.person).flatMap(({ mid, body }) => (mid === null ? [] : [{ mid, text: wordsOf(body) }]));
      const verdict = judge(talk, accepted, shown.get(`${talk.accountId}:${talk.person}`) ?? []);
      answered += verdict.answered;
      problems.push(...verdict.problems);
    }
    const of = (/** @type {string} */ kind) => problems.filter((problem) => problem.kind === kind).length;
    const written = load.talks.flatMap((talk) => talk.written);
    const steps = countSteps(journal);
    const { counts } = meta;
    say('');
    printFigures({
      kills: `${String(options.kills)} (${String(moments.running)} at any moment, ${String(moments.calling)} in the middle of a call, ${String(moments.starting)} during a start)`,
      deliveries: `${String(counts.deliveries + load.unanswered)} (${String(counts.echoes)} echoes, ${String(load.redelivered)} redelivered, ${String(load.unanswered)} not answered)`,
      conversations: load.talks.length,
      acknowledged: written.filter(({ acknowledged }) => acknowledged).length,
      answered: `${String(answered)} (by ${String(written.flatMap(({ replies }) => replies).length)} messages)`,
      'calls to send': `${String(counts.sends)} (${String(counts.accepted)} accepted)`,
      faults: [...faults.counts].map(([name, count]) => `${String(count)} ${name}`).join(', '),
      uncertain: `${String(steps.uncertain)} (the longest for ${String(Math.round(steps.longestUncertainMs / 1000))} s)`,
      resent: `${String(steps.resent)} after look-ups, ${String(steps.retried)} retried or released`,
      duplicates: of('duplicate'),
      lost: of('lost'),
      'order violations': of('order'),
      'wrong records': of('record') + of('unacknowledged'),
      'never settled': `${String(unsettled.length)} (all settled ${String(Math.round((settled - stopped) / 1000))} s after the last message)`,
      seconds: Math.round((Date.now() - began) / 1000),
    });
    for (const line of unsettled) say(`✗ never settled: ${line}`);
    printProblems(problems, (conversation) => {
      const talk = load.talks.find(({ accountId, person }) => `${accountId}:${person}` === conversation);
      return talk ? tellStory({ talk, sends: sendsTo(talk.person), shown: shown.get(conversation) ?? [], journal, kills: killed }) : [];
    });
    holds = unsettled.length === 0 && problems.length === 0 && answered === written.length && written.length > 0;
    return holds;
  } finally {
    for (const step of undo) await step();
    if (holds) rmSync(folder, { recursive: true, force: true });
    else say(`The service's log is kept: ${join(folder, 'service.log')}`);
  }
}

/**
 * Each is delivered to the next of the instances.
 * @param {readonly Service[]} services
 * @param {Meta} meta
 * @param {number} count
 */
async function addAccounts(services, meta, count) {
  const accounts = [];
  for (let nth = 1; nth <= count; nth++) {
    const service = /** @type {Service} */ (services[nth % services.length]);
    const account = {
      id: `178414${String(nth).padStart(11, '0')}`,
      username: `shop.${String(nth)}`,
      accessToken: `IGAA${randomBytes(60).toString('hex')}`,
      appSecret: randomBytes(16).toString('hex'),
    };
    // Meta first: the service asks it about a new account's token and subscription at once.
    meta.addAccount({ ...account, callbackUrl: `${service.url}/webhooks/instagram/${account.id}` });
    // The guard against loops of automatic replies is another test's business.
    await service.api('POST', '/accounts', { ...account, settings: { maxAutomaticTurns: 100_000 } });
    for (const rule of RULES) await service.api('POST', `/accounts/${account.id}/rules`, rule);
    accounts.push(account);
  }
  return accounts;
}

/**
 * Until nothing waits any more: every echo delivered, every event applied, every send settled.
 * @param {ChaosDatabase} database
 * @param {Meta} meta
 * @param {number} seconds
 * @returns {Promise<string[]>} what is not settled by then
 */
async function settle(database, meta, seconds) {
  const until = Date.now() + seconds * 1000;
  let quiet = 0;
  for (;;) {
    await Promise.race([meta.settled(), delay(Math.max(0, until - Date.now()), undefined, { ref: false })]);
    const unsettled = await listUnsettled(database);
    quiet = unsettled.length === 0 ? quiet + 1 : 0;
    // Twice: what was sent last may have had its echo after the first look.
    if (quiet >= 2 || Date.now() > until) return unsettled;
    await delay(500);
  }
}

/**
 * Groups the calls to send; people are other people for every account.
 * @param {readonly RecordedSend[]} sends
 */
function byRecipient(sends) {
  /** @type {Map<string, RecordedSend[]>} */
  const grouped = new Map();
  for (const send of sends) {
    const person = String(send.recipientId);
    grouped.set(person, [...(grouped.get(person) ?? []), send]);
  }
  return grouped;
}

/**
 * Every conversation as the API tells it.
 * @param {Service} service
 * @param {readonly { id: string }[]} accounts
 * @returns {Promise<Map<string, Shown[]>>}
 */
async function readShown(service, accounts) {
  const shown = new Map();
  for (const { id } of accounts) {
    for (const conversation of await service.list(`/accounts/${id}/conversations`)) {
      const path = `/accounts/${id}/conversations/${encodeURIComponent(conversation.id)}/messages`;
      shown.set(conversation.id, (await service.list(path)).reverse());
    }
  }
  return shown;
}
