// @ts-check
import { quietOnce } from '../support/measure.mjs';
import { goal, number, publish } from '../support/report.mjs';
import { summary } from './waits.mjs';

/** @typedef {import('./waits.mjs').Waits} Waits */
/** @typedef {import('./waits.mjs').Wait} Wait */

/** How long another account's customer may wait, p99. */
export const MOST_MS = 5000;
const PIECE_MS = 5000;

/**
 * @typedef {object} Measured
 * @property {import('./backlog.mjs').Options} options
 * @property {import('../support/measure.mjs').Quiet} quiet
 * @property {import('../support/measure.mjs').Cost} cost
 * @property {import('./backlog.mjs').Filling} filling
 * @property {import('./backlog.mjs').Draining} draining
 * @property {Waits} without
 * @property {Waits & { waits: Wait[] }} during
 * @property {[second: number, left: number][]} left
 */

/**
 * @param {{ title: string, explanation: string[] }} heading
 * @param {import('../support/servers.mjs').BenchServer} server
 * @param {Measured} measured
 * @returns {boolean} every goal reached
 */
export function reportBacklog({ title, explanation }, server, { options, quiet, cost, filling, draining, without, during: { waits, ...during }, left }) {
  const drained = Math.min(draining.seconds, left.at(-1)?.[0] ?? NaN);
  const goals = [
    goal('events of the backlog that are not applied in the end', filling.accepted - (left[0]?.[1] ?? 0), 'at most', 0),
    goal("others' messages applied while the backlog drains, p99, ms", during.processed.p99, 'at most', MOST_MS),
    goal("others' replies while the backlog drains, p99, ms", during.replied.p99, 'at most', MOST_MS),
    goal("others' messages without a reply", waits.filter(({ replied }) => Number.isNaN(replied)).length, 'at most', 0),
    goal("others' deliveries not answered 200", draining.refused, 'at most', 0),
  ];
  publish(`backlog-${server.kind}`, {
    title,
    explanation,
    command: `npm run bench:backlog${server.kind === 'mysql' ? '' : ` -- --databases ${server.kind}`}`,
    table: [
      ["the others' customers", 'messages', 'applied p50 ms', 'p99 ms', 'slowest ms', 'reply p50 ms', 'p99 ms', 'slowest ms'],
      row('without a backlog', without),
      row('while the backlog drains', during),
    ],
    notes: [
      `The backlog: ${number(filling.accepted, 0)} events stored at ${number(filling.rate, 0)}/s, drained in ${number(drained, 0)} s, ${number(filling.accepted / drained, 0)}/s, with ${number(options.rate, 0)} messages a second of others beside it, ` +
        'each of which is answered.',
      quietOnce({ quiet, cost }),
    ],
    goals,
    charts: [
      { id: 'left', title: 'Events of the backlog not applied yet', across: 'seconds since the worker started', lines: [{ label: 'waiting', points: left }] },
      { id: 'waits', title: "How long the others' customers wait meanwhile, ms", across: 'seconds since the worker started', lines: linesOf(waits) },
    ],
  }, { benchmark: 'backlog', database: { kind: server.kind, name: server.name, durability: server.durability }, options, quiet, cost, filling, draining, drained, without, during, left });
  return goals.every(({ reached }) => reached);
}

/** By pieces of five seconds. @param {readonly Wait[]} waits */
function linesOf(waits) {
  const began = Math.min(...waits.map(({ received }) => received));
  /** @type {Wait[][]} */
  const pieces = [];
  for (const wait of waits) (pieces[Math.floor((wait.received - began) / PIECE_MS)] ??= []).push(wait);
  const summaries = [...pieces].map((piece, nth) => ({ at: ((nth + 0.5) * PIECE_MS) / 1000, ...summary(piece ?? []) }));
  const line = (/** @type {string} */ label, /** @type {(waits: Waits) => number} */ figure) => ({ label, points: summaries.map((each) => /** @type {[number, number]} */ ([each.at, figure(each)])) });
  return [
    line('reply, p99', ({ replied }) => replied.p99), line('reply, half of them', ({ replied }) => replied.p50), line('applied, half of them', ({ processed }) => processed.p50),
  ];
}

/**
 * @param {string} name
 * @param {Waits} waits
 */
function row(name, { events, processed, replied }) {
  return [name, number(events, 0), ...[processed, replied].flatMap(({ p50, p99, max }) => [number(p50, 0), number(p99, 0), number(max, 0)])];
}
