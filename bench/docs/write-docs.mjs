// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../support/report.mjs';
import { barChart } from './bar-chart.mjs';

/** @typedef {import('../support/report.mjs').View} View */
/** @typedef {{ name: string, view: View, machine: ReturnType<typeof import('../support/report.mjs').machineFacts> }} Result */

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'bench/results');
const PAGE = join(ROOT, 'docs/performance.md');
const CHARTS = 'charts';
/** What is not named here follows, by name. */
const ORDER = ['ack-mysql', 'ack-sqlite', 'ack-mariadb', 'reply-mysql-0ms', 'reply-mysql-100ms', 'reply-sqlite-0ms', 'reply-sqlite-100ms'];

/** Draws the generated parts of docs/performance.md and its charts anew, from every result that lies in bench/results. */
export function writeDocs() {
  const results = readResults();
  const folder = join(ROOT, 'docs', CHARTS);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { name, view } of results) {
    for (const chart of view.charts ?? []) writeFileSync(join(folder, `${name}-${chart.id}.svg`), barChart(chart));
  }
  let page = readFileSync(PAGE, 'utf8');
  page = replacePart(page, 'goals', goals(results));
  page = replacePart(page, 'results', results.length === 0 ? 'Nothing has been measured yet.' : results.map(section).join('\n'));
  writeFileSync(PAGE, page);
  say(`docs/performance.md is drawn from ${String(results.length)} results.`);
}

/** @returns {Result[]} */
function readResults() {
  if (!existsSync(RESULTS)) return [];
  const place = (/** @type {string} */ name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return readdirSync(RESULTS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ ...JSON.parse(readFileSync(join(RESULTS, file), 'utf8')), name: file.replace(/\.json$/, '') }))
    .filter(({ view }) => view !== undefined)
    .sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
}

/**
 * @param {string} page
 * @param {string} part
 * @param {string} text
 */
function replacePart(page, part, text) {
  const [begin, end] = [`<!-- ${part}: drawn by npm run bench -->`, `<!-- end of ${part} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md lacks the line ${begin} or ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

/** @param {readonly Result[]} results */
function goals(results) {
  const rows = results.flatMap(({ name, view }) => view.goals.map(({ text, reached }) => `| ${reached ? 'reached' : '**missed**'} | ${cell(text)} | [${name}](#${name}) |`));
  return rows.length === 0 ? 'Nothing has been measured yet.' : ['| | goal | measured in |', '| --- | --- | --- |', ...rows].join('\n');
}

/** @param {Result} result */
function section({ name, view, machine }) {
  const [heading = [], ...rows] = view.table;
  const cells = (/** @type {readonly (string | number)[]} */ row) => `| ${row.map(cell).join(' | ')} |`;
  return [
    `### ${name}`, '', `**${view.title}**`, '', view.explanation.join(' '), '',
    ...(view.charts ?? []).flatMap(({ id, title }) => [`![${title}](${CHARTS}/${name}-${id}.svg)`, '']),
    cells(heading), `|${heading.map((_, column) => (column === 0 ? ' --- |' : ' ---: |')).join('')}`, ...rows.map(cells), '',
    ...view.notes.flatMap((note) => [note, '']),
    `Measured ${machine.at.slice(0, 16).replace('T', ' ')} UTC at commit ${machine.commit.slice(0, 12)}${machine.changed ? ' with changes that are not committed' : ''}, on ${String(machine.cores)} × ` +
      `${machine.processor}, ${String(Math.round(machine.memoryBytes / 2 ** 30))} GiB, Linux ${machine.kernel}, Node ${machine.node}.`, '',
  ].join('\n');
}

/** @param {string | number} text */
function cell(text) {
  return String(text).replaceAll('|', '\\|');
}
