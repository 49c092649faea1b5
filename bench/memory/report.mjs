// @ts-check
import { quietOnce } from '../support/measure.mjs';
import { mib } from '../support/memory.mjs';
import { goal, number, publish, say } from '../support/report.mjs';
import { flatness, windowsOf } from './flat.mjs';

/** @typedef {import('./memory.mjs').Sample} Sample */
/** @typedef {import('../support/measure.mjs').Quiet} Quiet */
/** @typedef {import('../support/measure.mjs').Cost} Cost */

const MOST_PERCENT = 10;
const FIGURES = /** @type {const} */ ([['resident memory', 'resident'], ['heap after a collection', 'heap'], ['buffers outside the heap', 'external']]);

/**
 * @param {{ title: string, explanation: string[] }} heading
 * @param {import('../support/servers.mjs').BenchServer} server
 * @param {readonly Sample[]} samples
 * @param {{ options: import('./memory.mjs').Options, quiet: Quiet, cost: Cost, peak: number }} more
 * @returns {boolean} flat
 */
export function reportMemory({ title, explanation }, server, samples, { options, quiet, cost, peak }) {
  const windows = windowsOf(samples, options.deliveries);
  const flat = Object.fromEntries(FIGURES.map(([, figure]) => [figure, flatness(windows.map((window) => window.map((sample) => sample[figure])))]));
  const goals = FIGURES.slice(0, 2).flatMap(([what, figure]) => {
    const { farthest, growth } = flat[figure] ?? flatness([]);
    return [
      goal(`${what}, over the last four fifths of the deliveries, farthest tenth from the median, %`, farthest * 100, 'at most', MOST_PERCENT),
      goal(`${what}, last tenth of the deliveries to the third, %`, (growth - 1) * 100, 'at most', MOST_PERCENT),
    ];
  });
  const shown = (/** @type {number} */ bytes) => number(mib(bytes), 0);
  publish(`memory-${server.kind}`, {
    title,
    explanation,
    command: 'npm run bench:memory',
    table: [
      ['MiB, medians of a tenth of the deliveries', ...windows.map((window) => number(window.at(-1)?.deliveries, 0))],
      ...FIGURES.map(([what, figure]) => [what, ...(flat[figure]?.medians ?? []).map(shown)]),
      ['deliveries a second', ...windows.map((window) => number(flatness([window.map(({ rate }) => rate)]).middle, 0))],
    ],
    notes: [
      `The heading: how many deliveries had been made by then. Resident memory: median ${shown(flat.resident?.middle ?? NaN)} MiB, at most ${shown(peak)} at any moment, the warm-up included.`,
      `Took ${number(cost.seconds / 60, 1)} minutes, making the deliveries included. ${quietOnce({ quiet, cost })}`,
    ],
    goals,
    charts: [{
      id: 'resident',
      title: `Memory of the service over ${number(options.deliveries, 0)} deliveries, MiB`,
      across: 'deliveries (below zero: warm-up)',
      lines: FIGURES.map(([what, figure]) => ({ label: what, points: samples.map((sample) => /** @type {[number, number]} */ ([sample.deliveries, mib(sample[figure])])) })),
    }],
  }, { benchmark: 'memory', database: { kind: server.kind, name: server.name, durability: server.durability }, options, quiet, cost, samples, peak });
  const reached = goals.every((each) => each.reached);
  say(reached ? 'FLAT' : 'NOT FLAT');
  return reached;
}
