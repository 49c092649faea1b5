// @ts-check
import { number } from '../support/report.mjs';
import { card, escape, MARGIN, TITLE, WIDTH } from './card.mjs';

/** @typedef {import('../support/report.mjs').LineChart} LineChart */

const PLOT = 220;
const LEFT = 90;
const TOP = TITLE + 14;
const STEPS = 4;
const KEY = 24;

/**
 * Lines from one zero, each named above them in its colour.
 * @param {LineChart} chart
 * @returns {string} an SVG
 */
export function lineChart({ title, across, lines }) {
  const points = lines.flatMap((line) => line.points);
  const from = Math.min(...points.map(([x]) => x));
  const to = Math.max(...points.map(([x]) => x));
  const top = round(Math.max(...points.map(([, y]) => y).filter((y) => !Number.isNaN(y)), 0));
  const right = WIDTH - MARGIN - 20;
  const x = (/** @type {number} */ value) => (LEFT + ((value - from) * (right - LEFT)) / (to - from || 1)).toFixed(1);
  const y = (/** @type {number} */ value) => (TOP + PLOT - (value * PLOT) / top).toFixed(1);
  const shown = (/** @type {number} */ value) => number(value, Number.isInteger(value) ? 0 : 2);
  const steps = Array.from({ length: STEPS + 1 }, (_, nth) => nth / STEPS);
  return card(title, TOP + PLOT + 56, [
    ...lines.map(({ label }, nth) => {
      const at = LEFT + (nth * (right - LEFT)) / lines.length;
      return `  <line class="line line${String(nth)}" x1="${at.toFixed(1)}" x2="${(at + KEY).toFixed(1)}" y1="${String(TITLE - 5)}" y2="${String(TITLE - 5)}"/>` +
        `<text x="${(at + KEY + 6).toFixed(1)}" y="${String(TITLE)}">${escape(label)}</text>`;
    }),
    ...steps.map((share) => `  <line class="grid" x1="${String(LEFT)}" x2="${String(right)}" y1="${y(share * top)}" y2="${y(share * top)}"/>` +
      `<text class="end" x="${String(LEFT - 8)}" y="${(Number(y(share * top)) + 5).toFixed(1)}">${shown(share * top)}</text>`),
    ...steps.map((share) => `  <text class="middle" x="${x(from + share * (to - from))}" y="${String(TOP + PLOT + 22)}">${number(from + share * (to - from), 0)}</text>`),
    `  <text class="end" x="${String(right)}" y="${String(TOP + PLOT + 44)}">${escape(across)}</text>`,
    ...lines.map((line, nth) => `  <polyline class="line line${String(nth)}" points="${line.points.filter(([, value]) => !Number.isNaN(value)).map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}"/>`),
  ]);
}

/**
 * The next number above that four steps divide into figures people read.
 * @param {number} most
 */
function round(most) {
  if (!(most > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  return unit * (/** @type {number[]} */ ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10]).find((times) => times * unit >= most) ?? 10);
}
