// @ts-check
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { number, say } from '../support/report.mjs';
import { SENTENCES } from '../support/sentences.mjs';
import { DAYS, DECISION, EVENT_DAYS, longEvery, ownerOf, PAYLOAD } from './shape.mjs';

/** @typedef {import('./shape.mjs').Size} Size */
/** @typedef {Database.Database} File */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PIECE = 100_000;
/** Built again at the end, sorted, instead of row by row. */
const REBUILT = ['ix_messages_conversation', 'ux_messages_external', 'ux_webhook_events_dedupe', 'ix_webhook_events_pending', 'ix_webhook_events_status'];

/**
 * As `fill` does it on a server, the same rows: SQLite has no functions to make them, so they are made here.
 * @param {string} path
 * @param {readonly string[]} accounts
 * @param {Size} size
 */
export async function fillEmbedded(path, accounts, size) {
  const began = performance.now();
  const file = new Database(path, { fileMustExist: true });
  try {
    // Not of what is measured, and the rows are right by construction.
    for (const pragma of ['foreign_keys = OFF', 'synchronous = OFF', 'cache_size = -524288']) file.pragma(pragma);
    const indexes = /** @type {{ name: string, sql: string }[]} */ (
      file.prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'index' AND name IN (${REBUILT.map(() => '?').join(', ')})`).all(...REBUILT)
    );
    for (const { name } of indexes) file.exec(`DROP INDEX ${name}`);
    insert(file, 'conversations', size.conversations, began, (c) => conversation(accounts, size, c));
    insert(file, 'messages', size.messages, began, (i) => message(accounts, size, i));
    insert(file, 'webhook_events', size.events, began, (i) => event(accounts, size, i));
    for (const { sql } of indexes) file.exec(sql);
    file.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    file.close();
  }
  return (performance.now() - began) / 1000;
}

/**
 * @param {File} file
 * @param {string} table
 * @param {number} rows
 * @param {number} began
 * @param {(nth: number) => Record<string, string | number>} row
 */
function insert(file, table, rows, began, row) {
  const columns = Object.keys(row(0));
  const statement = file.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`);
  const piece = file.transaction((/** @type {number} */ from, /** @type {number} */ to) => {
    for (let nth = from; nth < to; nth++) statement.run(row(nth));
  });
  for (let from = 0; from < rows; from += PIECE) piece(from, Math.min(rows, from + PIECE));
  if (rows > PIECE) say(`  ${number(rows, 0)} ${table}: ${number((performance.now() - began) / 1000, 0)} s`);
}

/** @param {number} c */
const person = (c) => `9${String(c).padStart(15, '0')}`;
const hashOf = (/** @type {string} */ text) => createHash('sha256').update(text).digest('base64url');
const digest = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex');

/** Evenly over the last days, the last one an hour ago. @param {number} nth @param {number} of @param {number} days */
function time(nth, of, days) {
  const first = Date.now() - HOUR_MS - days * DAY_MS;
  return new Date(first + Math.floor((nth * days * DAY_MS) / of)).toISOString().replace('T', ' ').replace('Z', '');
}

/** @param {readonly string[]} accounts @param {Size} size @param {number} c */
function conversation(accounts, size, c) {
  const account = accounts[ownerOf(c, accounts.length)] ?? '';
  const at = time(Math.max(0, size.messages - size.conversations) + c, size.messages, DAYS);
  const each = Math.ceil(size.messages / size.conversations);
  return {
    id: `${account}:${person(c)}`, account_id: account, participant_id: person(c), participant_username: `somebody.${String(c)}`,
    profile_checked_at: at, last_message_at: at, last_inbound_at: at, window_closes_at: at,
    message_count: c === 0 ? each + Math.floor(size.messages / longEvery(size)) + 1 : each, automation_paused: 0, created_at: at, updated_at: at,
  };
}

/** @param {readonly string[]} accounts @param {Size} size @param {number} i */
function message(accounts, size, i) {
  const every = longEvery(size);
  const isLong = i % every === 1;
  const c = isLong ? 0 : i % size.conversations;
  const position = (isLong ? Math.ceil(size.messages / size.conversations) + Math.floor(i / every) : Math.floor(i / size.conversations)) + 1;
  const account = accounts[ownerOf(c, accounts.length)] ?? '';
  const at = time(i, size.messages, DAYS);
  const random = digest(String(i));
  const mid = `aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAx${random}${String(i).padStart(10, '0')}`;
  // As ours are made: the time first, so that they grow.
  const stamp = (1_700_000_000_000 + i * 2000).toString(16).padStart(12, '0');
  return {
    account_id: account, id: `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`,
    conversation_id: `${account}:${person(c)}`, position, direction: position % 2 === 1 ? 'inbound' : 'outbound', kind: 'text',
    text: SENTENCES[i % SENTENCES.length] ?? '', external_id: mid, external_key: hashOf(mid), status: position % 2 === 1 ? 'received' : 'sent', sent_at: at, created_at: at,
  };
}

/** @param {readonly string[]} accounts @param {Size} size @param {number} i */
function event(accounts, size, i) {
  const c = i % size.conversations;
  const account = accounts[ownerOf(c, accounts.length)] ?? '';
  const at = time(i, size.events, EVENT_DAYS);
  return {
    account_id: account, dedupe_key: hashOf(`event ${String(i)}`), kind: 'message', conversation_id: `${account}:${person(c)}`,
    status: i % 10 === 0 ? 'ignored' : 'processed', attempts: 1, occurred_at: at, received_at: at, processed_at: at, payload: PAYLOAD, decision: DECISION,
  };
}
