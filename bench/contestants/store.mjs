// @ts-check
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { createPool } from 'mysql2/promise';
import { settings } from './peer-settings.mjs';

/** As many as the service has; more made no difference, fewer were slower. */
const CONNECTIONS = 16;

/** mysql2 with prepared statements, or better-sqlite3 as durable as the service has it. */
export async function openStore() {
  const { mysqlUrl, dataDir } = settings;
  return mysqlUrl === undefined ? sqlite(join(String(dataDir), 'instagram-direct.sqlite')) : mysql(mysqlUrl);
}

/** @param {string} uri */
function mysql(uri) {
  const pool = createPool({ uri, connectionLimit: CONNECTIONS, timezone: 'Z' });
  return {
    ignoring: (/** @type {string} */ sql) => sql.replace('INSERT INTO', 'INSERT IGNORE INTO'),
    upsertConversation:
      'INSERT INTO conversations (account_id, participant_id, message_count, last_message_at) VALUES (?, ?, 1, ?) ON DUPLICATE KEY UPDATE message_count = message_count + 1, last_message_at = ?',
    setUp: async (/** @type {string} */ sql) => void (await pool.query(sql)),
    run: async (/** @type {string} */ sql, /** @type {(string | number | Date | null)[]} */ values) => {
      const [result] = await pool.execute(sql, values);
      return /** @type {{ affectedRows: number }} */ (result).affectedRows;
    },
    rows: async (/** @type {string} */ sql, /** @type {(string | number | Date | null)[]} */ values) => {
      const [rows] = await pool.execute(sql, values);
      return /** @type {Record<string, unknown>[]} */ (rows);
    },
  };
}

/** @param {string} file */
function sqlite(file) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  /** @type {Map<string, Database.Statement>} */
  const prepared = new Map();
  const statement = (/** @type {string} */ sql) => {
    const known = prepared.get(sql);
    if (known) return known;
    const made = db.prepare(sql);
    prepared.set(sql, made);
    return made;
  };
  const plain = (/** @type {(string | number | Date | null)[]} */ values) => values.map((value) => (value instanceof Date ? value.toISOString() : value));
  return {
    ignoring: (/** @type {string} */ sql) => sql.replace('INSERT INTO', 'INSERT OR IGNORE INTO'),
    upsertConversation:
      'INSERT INTO conversations (account_id, participant_id, message_count, last_message_at) VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET message_count = message_count + 1, last_message_at = ?',
    setUp: async (/** @type {string} */ sql) => void db.exec(sql.replace('AUTO_INCREMENT', 'AUTOINCREMENT')),
    run: async (/** @type {string} */ sql, /** @type {(string | number | Date | null)[]} */ values) => statement(sql).run(...plain(values)).changes,
    rows: async (/** @type {string} */ sql, /** @type {(string | number | Date | null)[]} */ values) => /** @type {Record<string, unknown>[]} */ (statement(sql).all(...plain(values))),
  };
}
