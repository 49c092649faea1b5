// @ts-check
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds, machineSeconds } from './proc.mjs';

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/**
 * Every contestant once a round, in an order that moves on by one each time: whatever drifts meets all of them alike.
 * @template R
 * @param {readonly string[]} names
 * @param {number} rounds
 * @param {(name: string, round: number) => Promise<R>} run
 * @returns {Promise<Map<string, R[]>>} by name, one result a round
 */
export async function interleave(names, rounds, run) {
  /** @type {Map<string, R[]>} */
  const results = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] ?? '';
      results.get(name)?.push(await run(name, round));
    }
  }
  return results;
}

/**
 * The median of the ratios within each round: rounds are never compared with one another.
 * @template R
 * @param {Map<string, R[]>} results
 * @param {string} name
 * @param {string} to
 * @param {(result: R) => number} figure
 */
export function ratio(results, name, to, figure) {
  const others = results.get(to) ?? [];
  return median((results.get(name) ?? []).flatMap((result, round) => {
    const other = others[round];
    return other === undefined ? [] : [figure(result) / figure(other)];
  }));
}

/**
 * What a piece of work costs the processes that take part, and what everybody else on the machine did meanwhile.
 * @typedef {{ seconds: number, cpu: Record<string, number>, statements: number, elsewhere: number, stolen: number }} Cost
 */

/**
 * @template T
 * @param {Record<string, number | undefined>} pids
 * @param {() => Promise<T>} work
 * @param {() => Promise<number>} [countStatements] how many the database server has been sent so far
 * @returns {Promise<{ result: T, cost: Cost }>} `elsewhere` in processors: 0.1 is a tenth of one
 */
export async function costOf(pids, work, countStatements = async () => NaN) {
  const look = () => Object.fromEntries(Object.entries({ ...pids, bench: process.pid }).map(([name, pid]) => [name, pid === undefined ? NaN : cpuSeconds(pid)]));
  const statements = await countStatements();
  const began = performance.now();
  const [before, machine] = [look(), machineSeconds()];
  const result = await work();
  const [after, machineAfter] = [look(), machineSeconds()];
  const seconds = (performance.now() - began) / 1000;
  const cpu = Object.fromEntries(Object.entries(after).map(([name, used]) => [name, used - (before[name] ?? NaN)]));
  const own = Object.values(cpu).filter((used) => !Number.isNaN(used)).reduce((sum, used) => sum + used, 0);
  return {
    result,
    cost: {
      seconds, cpu, statements: (await countStatements()) - statements,
      elsewhere: Math.max(0, machineAfter.busy - machine.busy - own) / seconds, stolen: (machineAfter.stolen - machine.stolen) / seconds,
    },
  };
}

/** @typedef {{ loadAverage: number, busyProcessors: number }} Quiet */

/**
 * How busy the machine is before anything is measured: the average of the last minute (the benchmark's own work included),
 * and of the next second.
 * @returns {Promise<Quiet>}
 */
export async function quietness() {
  const before = machineSeconds();
  await delay(1000);
  return { loadAverage: loadavg()[0] ?? NaN, busyProcessors: machineSeconds().busy - before.busy };
}

/**
 * How quiet the machine was, in one line.
 * @param {readonly { quiet: Quiet, cost: Cost }[]} rounds
 */
export function quietLine(rounds) {
  const two = (/** @type {number} */ figure) => figure.toFixed(2);
  const before = rounds.map(({ quiet }) => quiet.busyProcessors);
  const during = rounds.map(({ cost }) => cost.elsewhere);
  return `Quiet? In the second before each round ${two(median(before))} processors were busy (median; at most ${two(Math.max(...before))}, load average up to ` +
    `${two(Math.max(...rounds.map(({ quiet }) => quiet.loadAverage)))}); while it was measured, others took ${two(median(during))} processors (median; at most ${two(Math.max(...during))}).`;
}

/**
 * The same of a benchmark that measures once.
 * @param {{ quiet: Quiet, cost: Cost }} run
 */
export function quietOnce({ quiet, cost }) {
  return `Quiet? In the second before it ${quiet.busyProcessors.toFixed(2)} processors were busy, load average ${quiet.loadAverage.toFixed(2)}; while it was measured, others took ${cost.elsewhere.toFixed(2)} processors.`;
}

/**
 * Waits for something itself, with a deadline.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} ask
 * @param {{ seconds: number, everyMs?: number }} options
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, { seconds, everyMs = 100 }) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${String(seconds)} s in vain until ${what}.`);
    await delay(everyMs);
  }
}
