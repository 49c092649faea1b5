// @ts-check
import { createConnection } from 'mysql2/promise';
import { number, say } from '../support/report.mjs';
import { SENTENCES } from '../support/sentences.mjs';
import { DAYS, DECISION, EVENT_DAYS, longEvery, PAYLOAD, SHARED_OUT } from './shape.mjs';

/** @typedef {import('./shape.mjs').Size} Size */

const PIECE = 100_000;

/** Built again at the end, sorted, instead of row by row. */
const INDEXES = {
  messages: { ix_messages_conversation: '(account_id, conversation_id, position)', ux_messages_external: '(account_id, external_key)' },
  webhook_events: { ux_webhook_events_dedupe: '(account_id, dedupe_key)', ix_webhook_events_pending: '(pending_lane, next_attempt_at, id)' },
};

/**
 * Fills a migrated database whose accounts exist. The server makes the rows itself, 100,000 a statement, in the order of the
 * primary key, the messages beside the other tables. Six in ten conversations belong to the first account; its first
 * conversation has ten thousand messages.
 * @param {string} url
 * @param {readonly string[]} accounts
 * @param {Size} size
 */
export async function fill(url, accounts, size) {
  const began = performance.now();
  await over(url, async (run) => {
    await run('CREATE TABLE bench_numbers (n INT PRIMARY KEY)');
    await run('INSERT INTO bench_numbers VALUES (0)');
    for (let rows = 1; rows < PIECE; rows *= 2) await run('INSERT INTO bench_numbers SELECT n + ? FROM bench_numbers WHERE n + ? < ?', [rows, rows, PIECE]);
  });
  await Promise.all([
    over(url, (run) => filled(run, 'messages', size.messages, began, (from, count) => run(...messages(accounts, size, from, count)))),
    over(url, async (run) => {
      await inPieces('conversations', size.conversations, began, (from, count) => run(...conversations(accounts, size, from, count)));
      await filled(run, 'webhook_events', size.events, began, (from, count) => run(...events(accounts, size, from, count)));
    }),
  ]);
  await over(url, async (run) => {
    await run('DROP TABLE bench_numbers');
    await run('ANALYZE TABLE conversations, messages, webhook_events');
  });
  return (performance.now() - began) / 1000;
}

/** @typedef {(sql: string, values?: unknown[]) => Promise<void>} Run */

/**
 * @param {string} url
 * @param {(run: Run) => Promise<void>} work
 */
async function over(url, work) {
  const connection = await createConnection({ uri: url, timezone: 'Z' });
  try {
    // Not of what is measured: nobody reads this one's binary log, and the rows are right by construction.
    for (const setting of ['sql_log_bin = 0', 'foreign_key_checks = 0', 'unique_checks = 0', 'innodb_ddl_buffer_size = 268435456']) {
      await connection.query(`SET SESSION ${setting}`).catch(() => undefined); // MariaDB has not all of them
    }
    await work(async (sql, values = []) => void (await connection.query(sql, values)));
  } finally {
    await connection.end();
  }
}

/**
 * @param {Run} run
 * @param {keyof typeof INDEXES} table
 * @param {number} rows
 * @param {number} began
 * @param {(from: number, count: number) => Promise<void>} insert
 */
async function filled(run, table, rows, began, insert) {
  const indexes = Object.entries(INDEXES[table]);
  await run(`ALTER TABLE ${table} ${indexes.map(([name]) => `DROP INDEX ${name}`).join(', ')}`);
  await inPieces(table, rows, began, insert);
  await run(`ALTER TABLE ${table} ${indexes.map(([name, columns]) => `ADD ${name.startsWith('ux') ? 'UNIQUE ' : ''}INDEX ${name} ${columns}`).join(', ')}`);
  if (rows > PIECE) say(`  indexes of ${table} built: ${seconds(began)}`);
}

/**
 * @param {string} table
 * @param {number} rows
 * @param {number} began
 * @param {(from: number, count: number) => Promise<void>} insert
 */
async function inPieces(table, rows, began, insert) {
  for (let from = 0; from < rows; from += PIECE) {
    await insert(from, Math.min(PIECE, rows - from));
    const done = Math.min(rows, from + PIECE);
    if (rows > PIECE && (done % (10 * PIECE) === 0 || done === rows)) say(`  ${number(done, 0)} ${table}: ${seconds(began)}`);
  }
}

/** @param {number} began */
const seconds = (began) => `${number((performance.now() - began) / 1000, 0)} s`;

/** A conversation's account, from the conversation's number. @param {number} accounts */
const owner = (accounts) => `CASE WHEN c < ${String(SHARED_OUT)} THEN c MOD ${String(accounts)} WHEN c MOD 10 < 6 THEN 0 ELSE c MOD ${String(accounts)} END`;
/** @param {readonly string[]} accounts */
const accountId = (accounts) => `ELT(1 + ${owner(accounts.length)}, ${accounts.map((id) => `'${id}'`).join(', ')})`;
const PERSON = "CONCAT('9', LPAD(c, 15, '0'))";
/** @param {string} text */
const hash = (text) => `REPLACE(REPLACE(LEFT(TO_BASE64(UNHEX(SHA2(${text}, 256))), 43), '+', '-'), '/', '_')`;
/** A message's place in time: evenly over the last months, the last one an hour ago. @param {string} nth @param {number} of @param {number} days */
const time = (nth, of, days) => `TIMESTAMPADD(MICROSECOND, (${nth}) * ${String(Math.floor((days * 86_400e6) / of))}, TIMESTAMPADD(HOUR, -1, UTC_TIMESTAMP(3) - INTERVAL ${String(days)} DAY))`;

/** @param {readonly string[]} accounts @param {Size} size @param {number} from @param {number} count @returns {[string, unknown[]]} */
function conversations(accounts, size, from, count) {
  const last = time(`${String(Math.max(0, size.messages - size.conversations))} + c`, size.messages, DAYS);
  const each = Math.ceil(size.messages / size.conversations);
  return [
    `INSERT INTO conversations (id, account_id, participant_id, participant_username, profile_checked_at, last_message_at, last_inbound_at, window_closes_at,
       message_count, automation_paused, created_at, updated_at)
     SELECT CONCAT(account, ':', person), account, person, CONCAT('somebody.', c), at, at, at, at + INTERVAL 1 DAY,
       IF(c = 0, ${String(each + Math.floor(size.messages / longEvery(size)) + 1)}, ${String(each)}), 0, at, at
     FROM (SELECT c, ${accountId(accounts)} AS account, ${PERSON} AS person, ${last} AS at FROM (SELECT n + ? AS c FROM bench_numbers WHERE n < ? ORDER BY n) numbers) made`,
    [from, count],
  ];
}

/** @param {readonly string[]} accounts @param {Size} size @param {number} from @param {number} count @returns {[string, unknown[]]} */
function messages(accounts, size, from, count) {
  const every = String(longEvery(size));
  const mid = "CONCAT('aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAx', SHA2(i, 256), LPAD(i, 10, '0'))";
  // As ours are made: the time first, so that they grow.
  const id = "CONCAT(INSERT(LPAD(HEX(1700000000000 + i * 2000), 12, '0'), 9, 0, '-'), '-7', SUBSTR(SHA2(i, 256), 1, 3), '-8', SUBSTR(SHA2(i, 256), 4, 3), '-', SUBSTR(SHA2(i, 256), 7, 12))";
  return [
    `INSERT INTO messages (account_id, id, conversation_id, position, direction, kind, text, external_id, external_key, status, sent_at, created_at)
     SELECT ${accountId(accounts)}, LOWER(${id}), CONCAT(${accountId(accounts)}, ':', ${PERSON}), position, IF(position MOD 2 = 1, 'inbound', 'outbound'), 'text',
       ELT(1 + i MOD ${String(SENTENCES.length)}, ${SENTENCES.map(() => '?').join(', ')}), mid, ${hash('mid')}, IF(position MOD 2 = 1, 'received', 'sent'), at, at
     FROM (SELECT i, IF(i MOD ${every} = 1, 0, i MOD ${String(size.conversations)}) AS c, IF(i MOD ${every} = 1, ${String(Math.ceil(size.messages / size.conversations))} + i DIV ${every}, i DIV ${String(size.conversations)}) + 1 AS position,
       ${mid} AS mid, ${time('i', size.messages, DAYS)} AS at FROM (SELECT n + ? AS i FROM bench_numbers WHERE n < ? ORDER BY n) numbers) made`,
    [...SENTENCES, from, count],
  ];
}

/** @param {readonly string[]} accounts @param {Size} size @param {number} from @param {number} count @returns {[string, unknown[]]} */
function events(accounts, size, from, count) {
  return [
    `INSERT INTO webhook_events (account_id, dedupe_key, kind, conversation_id, status, attempts, occurred_at, received_at, processed_at, payload, decision)
     SELECT ${accountId(accounts)}, ${hash("CONCAT('event ', i)")}, 'message', CONCAT(${accountId(accounts)}, ':', ${PERSON}), IF(i MOD 10 = 0, 'ignored', 'processed'), 1, at, at, at, ?, ?
     FROM (SELECT i, i MOD ${String(size.conversations)} AS c, ${time('i', size.events, EVENT_DAYS)} AS at FROM (SELECT n + ? AS i FROM bench_numbers WHERE n < ? ORDER BY n) numbers) made`,
    [PAYLOAD, DECISION, from, count],
  ];
}
