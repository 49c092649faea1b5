// @ts-check
import { median, quietLine, ratio } from '../support/measure.mjs';
import { mib } from '../support/memory.mjs';
import { goal, number, publish } from '../support/report.mjs';

/** @typedef {import('./rounds.mjs').Round} Round */
/** @typedef {Awaited<ReturnType<typeof import('./rest.mjs').sizeOf>>} DataSize */

const MOST_TIMES = 1.2;

/**
 * @param {{ title: string, explanation: string[] }} heading
 * @param {import('../support/servers.mjs').BenchServer} server
 * @param {Map<string, Round[]>} results
 * @param {{ options: import('./growth.mjs').Options, sizes: Record<'empty' | 'filled', DataSize> }} more
 * @returns {boolean} every goal reached
 */
export function reportGrowth({ title, explanation }, server, results, { options, sizes }) {
  const isEmbedded = server.kind === 'sqlite';
  const pages = Object.keys(results.get('empty')?.[0]?.pages ?? {});
  /** @type {[what: string, figure: (round: Round) => number, more: boolean][]} */
  const figures = [
    ['deliveries a second', ({ rate }) => rate, true],
    ['their p99, ms', ({ p99 }) => p99, false],
    ['CPU µs of the service, a delivery', ({ cost, accepted }) => ((cost.cpu.service ?? NaN) * 1e6) / accepted, false],
    ...(isEmbedded ? [] : [/** @type {[string, (round: Round) => number, boolean]} */ (['CPU µs of the database, a delivery', ({ cost, accepted }) => ((cost.cpu.database ?? NaN) * 1e6) / accepted, false])]),
    ...pages.flatMap((page) => /** @type {[string, (round: Round) => number, boolean][]} */ ([
      [`${page}, p50 ms`, (/** @type {Round} */ round) => round.pages[page]?.p50 ?? NaN, false],
      [`${page}, p99 ms`, (/** @type {Round} */ round) => round.pages[page]?.p99 ?? NaN, false],
    ])),
    ['one reply, p50 ms', ({ reply }) => reply, false],
  ];
  const ofRounds = (/** @type {string} */ name, /** @type {(round: Round) => number} */ figure) => (results.get(name) ?? []).map(figure);
  const of = (/** @type {string} */ name, /** @type {(round: Round) => number} */ figure) => median(ofRounds(name, figure));
  // How many times slower the filled one is, in the same round.
  const times = (/** @type {(round: Round) => number} */ figure, /** @type {boolean} */ more) => (more ? ratio(results, 'empty', 'filled', figure) : ratio(results, 'filled', 'empty', figure));
  const timesOfRounds = (/** @type {(round: Round) => number} */ figure, /** @type {boolean} */ more) => {
    const filled = ofRounds('filled', figure);
    return ofRounds('empty', figure).map((empty, round) => (more ? empty / (filled[round] ?? NaN) : (filled[round] ?? NaN) / empty));
  };
  const judged = figures.filter(([what]) => !/p99|CPU/.test(what));
  const goals = judged.map(([what, figure, more]) => goal(`${what}: filled slower than empty by`, times(figure, more), 'at most', MOST_TIMES, ' times'));
  const size = (/** @type {DataSize} */ { bytes, unique }) => `${number(mib(bytes), 0)} MiB with indexes${isEmbedded ? '' : `, of which the two unique indexes ${number(mib(unique), 0)}`}`;
  const memory = isEmbedded ? '' : `; the buffer pool of the server ${number(options.bufferPoolMib, 0)}`;
  publish(`growth-${server.kind}`, {
    title,
    explanation,
    command: `npm run bench:growth -- ${isEmbedded ? `--database sqlite --messages ${String(options.messages)} --conversations ${String(options.conversations)} --events ${String(options.events)}` : '--data <folder>'}`,
    table: [
      ['', 'empty', 'filled', 'slower by'],
      ...figures.map(([what, figure, more]) => [what, number(of('empty', figure)), number(of('filled', figure)), `${number(times(figure, more), 2)} times`]),
    ],
    notes: [
      'Medians over the rounds; "slower by" is the median of the ratios within each round.',
      `The data: filled ${size(sizes.filled)}; empty ${size(sizes.empty)}${memory}.`,
      quietLine([...results.values()].flat()),
    ],
    goals,
    charts: [{
      id: 'slower',
      title: 'With the filled database, slower than with the empty one: times',
      bars: judged.map(([what, figure, more]) => ({ label: what, values: timesOfRounds(figure, more), ours: true })),
    }],
  }, { benchmark: 'growth', database: { kind: server.kind, name: server.name, durability: server.durability }, options: { ...options, data: undefined }, sizes, rounds: Object.fromEntries(results) });
  return goals.every(({ reached }) => reached);
}
