// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../support/report.mjs';
import { barChart } from './bar-chart.mjs';
import { lineChart } from './line-chart.mjs';
import { cell, goalRow, newest, readSections, writeSections } from './page.mjs';

/** @typedef {import('../support/report.mjs').View} View */
/** @typedef {import('./page.mjs').Section} Section */
/** @typedef {{ name: string, view: View, machine: ReturnType<typeof import('../support/report.mjs').machineFacts> }} Result */

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'bench/results');
const DOCS = join(ROOT, 'docs');
const CHARTS = 'charts';
/** What is not named here follows, by name. */
const ORDER = [
  'ack-mysql', 'ack-mysql-64', 'ack-sqlite', 'ack-mariadb', 'reply-mysql-0ms', 'reply-mysql-100ms', 'reply-sqlite-0ms', 'reply-sqlite-100ms', 'rules',
  'overload-mysql', 'overload-sqlite', 'backlog-mysql', 'memory-mysql', 'growth-mysql',
];

/**
 * Draws the generated parts of docs/performance.md and its charts anew, from every result that lies in bench/results. What the
 * page holds of others, and what it holds that is newer, stays: results are of one machine and not in the repository.
 */
export function writeDocs() {
  const page = join(DOCS, 'performance.md');
  const text = readFileSync(page, 'utf8');
  const standing = readSections(text);
  const results = readResults();
  const drawn = new Map(results.map((result) => [sectionOf(result), result]));
  const sections = newest(standing, [...drawn.keys()]).sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
  writeFileSync(page, writeSections(text, sections));
  drawCharts(sections.flatMap((section) => drawn.get(section) ?? []), sections.map((section) => section.text).join('\n'));
  const kept = sections.filter((section) => !drawn.has(section)).map(({ name }) => name);
  say(`docs/performance.md is drawn from ${String(sections.length - kept.length)} results.${kept.length > 0 ? ` As it was: ${kept.join(', ')}.` : ''}`);
}

/** @param {string} name */
const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** @returns {Result[]} */
function readResults() {
  if (!existsSync(RESULTS)) return [];
  return readdirSync(RESULTS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ ...JSON.parse(readFileSync(join(RESULTS, file), 'utf8')), name: file.replace(/\.json$/, '') }))
    .filter(({ view }) => view !== undefined);
}

/**
 * @param {readonly Result[]} results
 * @param {string} shown the page's text: a chart that is not in it goes
 */
function drawCharts(results, shown) {
  const folder = join(DOCS, CHARTS);
  mkdirSync(folder, { recursive: true });
  for (const { name, view } of results) {
    for (const chart of view.charts ?? []) writeFileSync(join(folder, `${name}-${chart.id}.svg`), 'bars' in chart ? barChart(chart) : lineChart(chart));
  }
  for (const file of readdirSync(folder)) if (!shown.includes(`(${CHARTS}/${file})`)) rmSync(join(folder, file));
}

/**
 * @param {Result} result
 * @returns {Section}
 */
function sectionOf({ name, view, machine }) {
  const [heading = [], ...rows] = view.table;
  const cells = (/** @type {readonly (string | number)[]} */ row) => `| ${row.map(cell).join(' | ')} |`;
  const lines = [
    `### ${name}`, '', `**${view.title}**`, '', view.explanation.join(' '), '',
    ...(view.charts ?? []).flatMap(({ id, title }) => [`![${title}](${CHARTS}/${name}-${id}.svg)`, '']),
    cells(heading), `|${heading.map((_, column) => (column === 0 ? ' --- |' : ' ---: |')).join('')}`, ...rows.map(cells), '',
    ...view.notes.flatMap((note) => [note, '']),
    `Measured ${machine.at.slice(0, 16).replace('T', ' ')} UTC at commit ${machine.commit.slice(0, 12)}${machine.changed ? ' with changes that are not committed' : ''}, on ${String(machine.cores)} × ` +
      `${machine.processor}, ${String(Math.round(machine.memoryBytes / 2 ** 30))} GiB, Linux ${machine.kernel}, Node ${machine.node}${view.command === undefined ? '' : `: \`${view.command}\``}.`,
  ];
  return { name, measured: machine.at, text: lines.join('\n'), goals: view.goals.map((goal) => goalRow(name, goal)) };
}
