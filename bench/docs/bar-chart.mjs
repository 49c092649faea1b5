// @ts-check
import { median } from '../support/measure.mjs';
import { number } from '../support/report.mjs';

/** @typedef {import('../support/report.mjs').Chart} Chart */

const WIDTH = 760;
const MARGIN = 20;
const TITLE = 52;
const BAR = 18;
const ROW = 52;
/** Kept free behind the longest bar, for its figure. */
const FIGURE = 90;

/** A card of its own colour, so that it can be read on any page; it turns dark with the reader's system. */
const STYLE = `
    text { font: 14px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 16px; }
    .card { fill: #ffffff; stroke: #d1d9e0; }
    .bar { fill: #8c959f; } .ours { fill: #0969da; }
    .range { stroke: #1f2328; stroke-width: 1.5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .card { fill: #161b22; stroke: #3d444d; }
      .bar { fill: #6e7681; } .ours { fill: #4493f8; }
      .range { stroke: #e6edf3; }
    }`;

/**
 * Bars lying on top of each other, each with its label above it and its figure behind it.
 * @param {Chart} chart
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
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" width="${String(WIDTH)}" height="${String(height)}" role="img" aria-label="${escape(title)}">
  <style>${STYLE}
  </style>
  <rect class="card" x="0.5" y="0.5" width="${String(WIDTH - 1)}" height="${String(height - 1)}" rx="8"/>
  <text class="title" x="${String(MARGIN)}" y="26">${escape(title)}</text>
${rows.join('\n')}
</svg>
`;
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
