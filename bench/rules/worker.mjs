// @ts-check
// One measurement, in a process of its own: what one contestant left behind in memory, or taught the compiler, is not another's.
import { once } from 'node:events';
import { CONTESTANTS, changeOne, messageOf } from './contestants.mjs';
import { expectedRule, randomness, rulesOf, TEXT_KINDS, textOf } from './material.mjs';

/** @typedef {import('./material.mjs').TextKind} TextKind */
/** @typedef {{ contestant: string, rules: number, patterns: number, worst: boolean, seconds: number, seed: number }} Task */
/** @typedef {{ micros: Record<TextKind, number>, compileMs: number, changeMs: number, megabytes: number }} Measured */

const WARM_UP_PASSES = 2;
const BLOCK_MS = 10;
const MOST_IN_BLOCK = 2000;

/** @type {Task} */
const task = JSON.parse(process.argv[2] ?? '{}');
const random = randomness(task.seed);
const definitions = rulesOf(task.rules, task.patterns, task.worst);

const before = memory();
const compiling = process.cpuUsage();
const decide = await CONTESTANTS[task.contestant]?.(definitions);
if (!decide) throw new Error(`no contestant ${task.contestant}`);
// What is compiled at its first use counts as compiling.
for (const kind of TEXT_KINDS) await block(kind, 1);
const compileMs = milliseconds(compiling);

const perKind = task.seconds / TEXT_KINDS.length;
// Each kind more than once: what the compiler learns of one counts for the next.
for (let pass = 0; pass < WARM_UP_PASSES; pass++) for (const kind of TEXT_KINDS) await measure(kind, perKind / WARM_UP_PASSES);
const megabytes = (memory() - before) / 1e6;
const micros = /** @type {Record<TextKind, number>} */ ({});
for (const kind of TEXT_KINDS) micros[kind] = await measure(kind, perKind);
const changeMs = task.contestant === 'ours' ? await changeOne(definitions) : NaN;

/** @type {Measured} */
const measured = { micros, compileMs, changeMs, megabytes };
process.stdout.write(`${JSON.stringify(measured)}\n`);
// Until what the process has used has been read.
await once(process.stdin.resume(), 'end');

/**
 * Fresh texts in blocks, until they have taken that long: making them is not on the clock.
 * @param {TextKind} kind
 * @param {number} seconds
 * @returns {Promise<number>} microseconds of the processor for a message
 */
async function measure(kind, seconds) {
  let [used, messages, size] = [0, 0, 1];
  while (used < seconds * 1000) {
    const took = await block(kind, size);
    used += took;
    messages += size;
    if (took < BLOCK_MS) size = Math.min(MOST_IN_BLOCK, size * 2);
  }
  return (used / messages) * 1000;
}

/**
 * @param {TextKind} kind
 * @param {number} size
 */
async function block(kind, size) {
  const all = await Promise.all(Array.from({ length: size }, () => messageOf(textOf(kind, task.rules, random))));
  const expected = expectedRule(kind, task.rules);
  const began = process.cpuUsage();
  for (const facts of all) {
    const answer = decide?.(facts);
    const { ruleId, reply } = answer instanceof Promise ? await answer : (answer ?? { ruleId: NaN, reply: '' });
    if (ruleId !== expected || (ruleId === null) !== (reply === null)) throw new Error(`${JSON.stringify(facts.text)} was answered by rule ${String(ruleId)}, not by ${String(expected)}`);
  }
  return milliseconds(began);
}

/** @param {NodeJS.CpuUsage} since */
function milliseconds(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

function memory() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
