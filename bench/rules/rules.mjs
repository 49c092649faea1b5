// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { costOf, interleave, median, quietLine, quietness, ratio } from '../support/measure.mjs';
import { installPeer, peerVersion } from '../support/peers.mjs';
import { explain, goal, number, publish, say } from '../support/report.mjs';
import { TEXT_KINDS } from './material.mjs';

/** @typedef {import('./worker.mjs').Task} Task */
/** @typedef {import('./worker.mjs').Measured} Measured */
/** @typedef {import('../support/measure.mjs').Cost} Cost */
/** @typedef {Measured & { micro: number, cost: Cost, quiet: Awaited<ReturnType<typeof quietness>> }} Round */

const PEER = 'json-rules-engine';
const SIZES = [10, 100, 1000, 10_000];
/** How many of the rules are patterns. */
const MIXES = /** @type {const} */ ([[10, 1], [10, 10], [10_000, 10], [10_000, 100]]);

/** @param {{ rounds: number, seconds: number }} options */
export async function benchRules({ rounds, seconds }) {
  const peer = installPeer(PEER) !== null;
  /** @type {Map<string, Omit<Task, 'seed'>>} */
  const tasks = new Map();
  const add = (/** @type {string} */ contestant, /** @type {number} */ rules, patterns = 0, worst = false) =>
    tasks.set(nameOf(contestant, rules, patterns, worst), { contestant, rules, patterns, worst, seconds });
  for (const rules of SIZES) for (const contestant of ['ours', 'loop', ...(peer ? [PEER] : [])]) add(contestant, rules);
  for (const [rules, patterns] of MIXES) for (const contestant of ['ours', 'loop']) add(contestant, rules, patterns);
  add('ours', 10_000, 100, true);

  const title = 'rules: which of them answers a message';
  const explanation = [
    'Processor time to decide which rule answers a text message and to render its reply: text folded, rules compiled beforehand, no database. Rules are keywords and phrases of',
    'one to three words, many of which begin alike; some sets hold regex rules, spread evenly. Four kinds of texts in equal parts, all of them fresh: the second rule answers (early),',
    'the last but one (late), none (miss), none and the words are random (random). Every answer is checked.',
    `${String(rounds)} rounds, every contestant once in each, in an order that moves on, in a process of its own: ${String(seconds)} s, after as long to warm up. Medians; ratios within a round.`,
    `Contestants: ours, as the inbox runs it, with the record of why rules did not match; loop, our own rules tried one after the other, without a record; ${PEER} ${peerVersion(PEER)},`,
    'with an operator that compares words as ours do and a stop at the first match, without a record.',
    `Unfair to ${PEER}: it evaluates any condition on any fact, of which it is asked for one. Unfair to ours: the loop and the peer record nothing.`,
  ];
  explain(title, explanation);
  const results = await interleave([...tasks.keys()], rounds, (name, round) => measure(name, round, /** @type {Omit<Task, 'seed'>} */ (tasks.get(name))));
  /** @type {(name: string, figure: (round: Round) => number) => number} */
  const middle = (name, figure) => median((results.get(name) ?? []).map(figure));
  const ten = nameOf('ours', 10);
  const rows = [...tasks].map(([name, { contestant }]) => [
    name,
    ...TEXT_KINDS.map((kind) => number(middle(name, ({ micros }) => micros[kind]))),
    number(middle(name, ({ micro }) => micro)),
    `${number(ratio(results, name, baseOf(contestant, ten), ({ micro }) => micro), 2)}×`,
    number(middle(name, ({ compileMs }) => compileMs)),
    number(middle(name, ({ changeMs }) => changeMs)),
    number(middle(name, ({ megabytes }) => megabytes), 1),
  ]);
  const times = (/** @type {string} */ name, /** @type {string} */ to) => ratio(results, name, to, ({ micro }) => micro);
  publish('rules', {
    title,
    explanation,
    command: 'npm run bench:rules',
    table: [['contestant, rules (regex)', ...TEXT_KINDS, 'all', 'beside its 10', 'compile ms', 'change ms', 'MB'], ...rows],
    notes: [
      '`early` to `all`: µs of the processor for a message, `all` being the mean of the four kinds. `beside its 10`: against the same contestant with 10 rules, none of them regex.',
      '`compile ms`: to make all rules ready, first uses included. `change ms`: to take over one changed rule. `MB`: what the rules hold of memory when they are in use.',
      '`worst`: 100 patterns of which nothing can be told beforehand, so that each is run on every text that no rule answers: see docs/api.md.',
      quietLine([...results.values()].flat()),
    ],
    goals: [
      goal('10,000 rules beside 10', times(nameOf('ours', 10_000), ten), 'at most', 2, '×'),
      goal('10,000 rules, 100 of them regex, beside 10 rules, 1 of them regex', times(nameOf('ours', 10_000, 100), nameOf('ours', 10, 1)), 'at most', 2, '×'),
      goal('10,000 rules, 100 of them regex, beside 10 rules without', times(nameOf('ours', 10_000, 100), ten), 'at most', 2, '×'),
    ],
    charts: [{
      id: 'all',
      title: 'µs of the processor to decide which of 10,000 rules answers (and of 10)',
      bars: [ten, nameOf('ours', 10_000), nameOf('ours', 10_000, 100), nameOf('loop', 10_000)].map((name) => ({
        label: name, values: (results.get(name) ?? []).map(({ micro }) => micro), ours: name.startsWith('ours'),
      })),
    }],
  }, { rounds: Object.fromEntries(results) });
}

/** @param {string} contestant @param {string} ours */
function baseOf(contestant, ours) {
  return contestant === 'ours' ? ours : nameOf(contestant, 10);
}

/** @param {string} contestant @param {number} rules */
function nameOf(contestant, rules, patterns = 0, worst = false) {
  return `${contestant}, ${number(rules, 0)}${patterns === 0 ? '' : ` (${String(patterns)}${worst ? ' worst' : ''})`}`;
}

/**
 * @param {string} name
 * @param {number} round
 * @param {Omit<Task, 'seed'>} task
 * @returns {Promise<Round>}
 */
async function measure(name, round, task) {
  const quiet = await quietness();
  const child = spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, 'worker.mjs'), JSON.stringify({ ...task, seed: 1000 + round })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { result, cost } = await costOf({ contestant: child.pid }, async () => {
    for await (const line of createInterface(child.stdout)) return /** @type {Measured} */ (JSON.parse(line));
    throw new Error(`${name} ended without a result`);
  });
  child.stdin.end();
  await once(child, 'exit');
  const micro = TEXT_KINDS.reduce((sum, kind) => sum + result.micros[kind], 0) / TEXT_KINDS.length;
  say(`round ${String(round + 1)}  ${name}: ${number(micro)} µs`);
  return { ...result, micro, cost, quiet };
}
