// @ts-check
import { median } from '../support/measure.mjs';
import { number } from '../support/report.mjs';
import { card, escape, MARGIN, TITLE, WIDTH } from './card.mjs';

/** @typedef {import('../support/report.mjs').BarChart} BarChart */

const BAR = 18;
const ROW = 52;
/** Kept free behind the longest bar, for its figure. */
const FIGURE = 90;

/**
 * Bars lying on top of each other, each with its label above it and its figure behind it.
 * @param {BarChart} chart
 * @returns {string} an SVG
 */
export function barChart({ title, bars }) {
  const height = TITLE + bars.length * ROW + MARGIN / 2;
  const longest = Math.max(...bars.flatMap(({ values }) => values).filter((value) => !Number.isNaN(value)));
  const scale = (WIDTH - 2 * MARGIN - FIGURE) / (longest || 1);
  const x = (/** @type {number} */ value) => (MARGIN + value * scale).toFixed(1);
  const rows = bars.map(({ label, values, ours }, nth) => {
    const y = TITLE + nth * ROW;
    const value = median(values);
    const middle = y + 8 + BAR / 2;
    const range = values.length > 1 ? [x(Math.min(...values)), x(Math.max(...values))] : [];
    return [
      `  <text x="${String(MARGIN)}" y="${String(y)}">${escape(label)}</text>`,
      `  <rect class="${ours ? 'ours' : 'bar'}" x="${String(MARGIN)}" y="${String(y + 8)}" width="${(value * scale).toFixed(1)}" height="${String(BAR)}" rx="2"/>`,
      ...(range.length > 0 ? [`  <line class="range" x1="${String(range[0])}" x2="${String(range[1])}" y1="${String(middle)}" y2="${String(middle)}"/>`] : []),
      `  <text x="${(Number(x(Math.max(value, ...values))) + 8).toFixed(1)}" y="${String(middle + 5)}">${number(value)}</text>`,
    ].join('\n');
  });
  return card(title, height, rows);
}
