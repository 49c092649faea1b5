// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { number, say } from '../support/report.mjs';
import { readFigures } from './figures.mjs';
import { ASSUMED, planFor } from './plan.mjs';

/** @typedef {import('./figures.mjs').Figures} Figures */

const PAGE = join(import.meta.dirname, '../../docs/scaling.md');
/** Customers' messages a second, in the busiest minute. */
const PEAKS = [1, 10, 100, 1_000, 5_000];

/** Draws the tables of docs/scaling.md between their marks. */
export function writeTables() {
  const figures = readFigures();
  let page = readFileSync(PAGE, 'utf8');
  page = between(page, 'measured', measured(figures));
  page = between(page, 'assumed', assumed());
  page = between(page, 'sizing', sizing(figures));
  writeFileSync(PAGE, page);
  const missing = Object.entries(figures).flatMap(([name, value]) => (typeof value === 'number' && Number.isNaN(value) ? [name] : []));
  if (missing.length > 0) say(`Not measured yet: ${missing.join(', ')}. Run \`npm run bench -- --databases mysql\` and \`npm run bench:sizing\`.`);
  say('docs/scaling.md');
}

/**
 * @param {string} page
 * @param {string} mark
 * @param {string} text
 */
function between(page, mark, text) {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/scaling.md has no ${begin} … ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

/** @param {readonly (readonly string[])[]} rows */
function markdown(rows) {
  const [head = [], ...body] = rows;
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

/** @param {Figures} f */
function measured(f) {
  const rows = [
    ['name', 'what', 'measured', 'by'],
    ['`A`', 'deliveries stored and acknowledged a second, one process, `ROLE=web`', rate(f.ackRate), '`bench -- --only ack`'],
    ['`a`', 'processor time of the service, a delivery', micro(f.ackCpu), 'the same'],
    ['`W`', 'events applied a second, one process, `ROLE=worker`, from a backlog', rate(f.workRate), 'the same'],
    ['`w`', 'processor time of the service, an event applied', micro(f.workCpu), 'the same'],
    ['`d`', 'processor time of MySQL, a delivery stored and applied', micro(f.allDatabaseCpu), 'the same, `ROLE=all`, while it receives'],
    ['`R`', 'messages answered a second, all through, one process', rate(f.replyRate), '`bench -- --only reply`'],
    ['`r`', 'processor time of the service, an answered message, all through', micro(f.replyCpu), 'the same'],
    ['`q`', 'processor time of MySQL, an answered message, all through', micro(f.replyDatabaseCpu), 'the same'],
    ['`E`', 'bytes on disk, an event, indexes included', bytes(f.eventBytes), '`bench:sizing`'],
    ['`M`', 'bytes on disk, a message', bytes(f.messageBytes), 'the same'],
    ['`C`', 'bytes on disk, a conversation', bytes(f.conversationBytes), 'the same'],
    ['`B`', 'bytes of MySQL’s binary log, a delivery (three in ten answered)', bytes(f.binaryLogBytes), 'the same'],
    ['`K`', 'processor time of Redis, a delivery (three in ten answered), with few of them a second; bells merge when there are many', micro(f.redisCpu), 'the same'],
  ];
  const { machine } = f;
  const where = machine === null
    ? 'The rates are not measured yet.'
    : `${String(machine.cores)} processors (${machine.processor}), Node ${machine.node.slice(1)}, ${f.database ?? 'MySQL'} with its own durability, load, service and database on the same machine; ${machine.at.slice(0, 10)}, commit ${machine.commit.slice(0, 8)}.`;
  const bytesOf = Number.isNaN(f.sizedBy) ? '' : ` Bytes: after ${number(f.sizedBy, 0)} deliveries.`;
  return `${markdown(rows)}\n\n${where}${bytesOf}`;
}

function assumed() {
  const a = ASSUMED;
  return markdown([
    ['name', 'assumed', 'value'],
    ['`s`', 'share of the messages that are answered', String(a.answered)],
    ['`x`', 'deliveries beside the message, for each answer: its echo, and that it was read', String(a.deliveriesPerAnswer)],
    ['`p`', 'busiest minute, in times of the average', String(a.peak)],
    ['`c`', 'messages in a conversation', String(a.messagesPerConversation)],
    ['`t`', 'EVENT_RETENTION_DAYS', String(a.retentionDays)],
    ['`b`', 'days the binary log is kept', String(a.binaryLogDays)],
    ['`u`', 'how busy a processor may be in the busiest minute', String(a.utilisation)],
  ]);
}

/** @param {Figures} f */
function sizing(f) {
  const plans = PEAKS.map((peak) => planFor(f, peak));
  const row = (/** @type {string} */ what, /** @type {string} */ formula, /** @type {(plan: ReturnType<typeof planFor>) => string} */ show) => [what, formula, ...plans.map(show)];
  return markdown([
    ['customers’ messages a second, at the peak', '', ...PEAKS.map((peak) => number(peak, 0))],
    row('messages a day', '`P · 86400 / p`', (plan) => number(plan.messagesPerDay, 0)),
    row('deliveries a second, at the peak', '`D = P · (1 + s·x)`', (plan) => number(plan.deliveriesAtPeak, 0)),
    row('replies a second, at the peak', '`Y = P · s`', (plan) => (plan.repliesAtPeak < 1 ? String(plan.repliesAtPeak) : number(plan.repliesAtPeak, 0))),
    row('cores for `web`', '`D·a / u`', (plan) => cores(plan.webCores)),
    row('cores for `worker`', '`((D−Y)·w + Y·(r−a)) / u`', (plan) => cores(plan.workerCores)),
    row('cores for MySQL', '`((D−Y)·d + Y·q) / u`', (plan) => cores(plan.databaseCores)),
    row('processes, web + worker', 'a core each, rounded up', (plan) => (Number.isNaN(plan.webs + plan.workers) ? '–' : `${String(plan.webs)} + ${String(plan.workers)}`)),
    row('database connections', `\`processes · ${String(ASSUMED.poolSize)}\``, (plan) => number(plan.connections, 0)),
    row(`database servers of ${String(ASSUMED.databaseCores)} cores`, 'MySQL’s cores, rounded up', (plan) => number(plan.databases, 0)),
    row('events kept', '`messages a day · (1 + s·x) · t · E`', (plan) => size(plan.eventsBytes)),
    row('messages and conversations, a year', '`365 · messages a day · ((1+s)·M + C/c)`', (plan) => size(plan.messagesBytesPerYear)),
    row('binary log kept', '`messages a day · (1 + s·x) · b · B`', (plan) => size(plan.binaryLogBytes)),
    row('accounts it takes at least', '`Y / 90`: Meta’s limit', (plan) => number(plan.accountsAtLeast, 0)),
  ]);
}

const rate = (/** @type {number} */ value) => (Number.isNaN(value) ? '–' : `${number(value, 0)}/s`);
const micro = (/** @type {number} */ value) => (Number.isNaN(value) ? '–' : `${number(value, 0)} µs`);
const bytes = (/** @type {number} */ value) => (Number.isNaN(value) ? '–' : `${number(value, 0)} B`);
const cores = (/** @type {number} */ value) => number(value, value < 10 ? 2 : 0);

/** @param {number} value bytes */
function size(value) {
  if (Number.isNaN(value)) return '–';
  const units = ['MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3) - 2));
  return `${number(value / 1e6 / 1000 ** power)} ${units[power] ?? ''}`;
}
