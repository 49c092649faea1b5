// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** @param {string} [line] */
export function say(line = '') {
  process.stdout.write(`${line}\n`);
}

/**
 * The first lines of a benchmark: what it measures, how, and what would make it unfair.
 * @param {string} title
 * @param {readonly string[]} lines
 */
export function explain(title, lines) {
  say(`\n${title}\n${'='.repeat(title.length)}`);
  for (const line of lines) say(line);
  say();
}

/**
 * @param {readonly (readonly (string | number)[])[]} rows the first one is the heading; all columns but the first to the right
 */
export function table(rows) {
  const texts = rows.map((row) => row.map(String));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => width(row[column] ?? ''))));
  const line = (/** @type {string[]} */ row) =>
    row.map((cell, column) => {
      const gap = ' '.repeat((widths[column] ?? 0) - width(cell));
      return column === 0 ? cell + gap : gap + cell;
    }).join('  ').trimEnd();
  texts.forEach((row, nth) => {
    say(line(row));
    if (nth === 0) say(widths.map((each) => '-'.repeat(each)).join('  '));
  });
}

/** @param {string} text */
const width = (text) => [...text].length;

/**
 * With `--profile`: what the database was asked for, per delivery.
 * @param {readonly { sql: string, times: number, rows: number, seconds: number }[]} statements
 * @param {number} deliveries
 */
export function sayStatements(statements, deliveries) {
  for (const { sql, times, rows, seconds } of statements) {
    say(`    ${number(times / deliveries, 3).padStart(7)} a delivery, ${number(rows / deliveries, 2).padStart(5)} rows, ${number((seconds * 1e6) / deliveries, 0).padStart(6)} µs: ${sql.replaceAll(/\s+/g, ' ').slice(0, 150)}`);
  }
}

/**
 * A figure for people: three digits that count, thousands apart.
 * @param {number | undefined} value
 * @param {number} [digits] after the point
 */
export function number(value, digits) {
  if (value === undefined || Number.isNaN(value)) return '–';
  const after = digits ?? (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
  return value.toLocaleString('en-US', { minimumFractionDigits: after, maximumFractionDigits: after });
}

/**
 * A goal, reached or missed, with its figure.
 * @typedef {{ text: string, figure: number, reached: boolean }} Goal
 */

/**
 * @param {string} what
 * @param {number} figure
 * @param {'at least' | 'at most'} direction
 * @param {number} bound
 * @param {string} [unit]
 * @returns {Goal}
 */
export function goal(what, figure, direction, bound, unit = '') {
  const reached = direction === 'at least' ? figure >= bound : figure <= bound;
  return { text: `${what}: ${number(figure, Number.isInteger(figure) ? 0 : 2)}${unit} (goal: ${direction} ${String(bound)}${unit})`, figure, reached };
}

/** @param {readonly Goal[]} goals */
export function printGoals(goals) {
  say();
  for (const { text, reached } of goals) say(`${reached ? 'REACHED' : 'MISSED '}  ${text}`);
}

/** Of the machine and the code, for whoever reads the figures later. */
export function machineFacts() {
  return {
    at: new Date().toISOString(),
    commit: git(['rev-parse', 'HEAD']),
    changed: git(['status', '--porcelain', '--untracked-files=no']) !== '',
    node: process.version,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: readKernel(),
  };
}

/** @param {string[]} args */
function git(args) {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

function readKernel() {
  try {
    return readFileSync('/proc/version', 'utf8').split(' ')[2] ?? '';
  } catch {
    return process.platform;
  }
}

/**
 * @typedef {object} BarChart
 * @property {string} id part of its file's name
 * @property {string} title what the bars show, with its unit
 * @property {{ label: string, values: readonly number[], ours?: boolean }[]} bars one value a round: the bar is their median, a line shows from where to where they went
 */

/**
 * @typedef {object} LineChart
 * @property {string} id part of its file's name
 * @property {string} title what goes up, with its unit
 * @property {string} across what goes to the right, with its unit
 * @property {{ label: string, points: readonly (readonly [number, number])[] }[]} lines up to four, all from the same zero
 */

/** @typedef {BarChart | LineChart} Chart */

/**
 * What a benchmark shows, on the terminal and in docs/performance.md.
 * @typedef {object} View
 * @property {string} title
 * @property {readonly string[]} explanation as it was given to `explain`
 * @property {readonly (readonly (string | number)[])[]} table the first row is the heading
 * @property {readonly string[]} notes what the columns mean, how quiet it was
 * @property {readonly Goal[]} goals
 * @property {string} [command] how it was had
 * @property {readonly Chart[]} [charts]
 */

/**
 * The end of every benchmark: prints table, notes and goals and writes `bench/results/<name>.json`, from which
 * `npm run bench -- --docs-only` draws docs/performance.md.
 * @param {string} name
 * @param {View} given
 * @param {object} details every round, for whoever wants to look closer
 */
export function publish(name, given, details) {
  // Left out with `--contestants`: neither reached nor missed.
  const view = { ...given, goals: given.goals.filter(({ figure }) => !Number.isNaN(figure)) };
  say();
  table(view.table);
  say();
  for (const note of view.notes) say(note);
  printGoals(view.goals);
  say(`\n${writeResult(name, { view, ...details })}`);
}

/**
 * @param {string} name
 * @param {object} result
 * @returns {string} where it lies, from the project's root
 */
export function writeResult(name, result) {
  const folder = join(ROOT, 'bench/results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ machine: machineFacts(), ...result }, null, 2)}\n`);
  return `bench/results/${name}.json`;
}
