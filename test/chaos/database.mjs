// @ts-check
import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { givenServer, startMariaDb, startMySql } from '../support/servers/mysql.mjs';
import { JOURNAL_TABLE, journalSql } from './journal.mjs';

/**
 * One step of a send in the outbox: queued, sending, uncertain, settled.
 * @typedef {{ messageId: string, before: string | null, after: string, attempts: number, at: number }} Step
 */

/**
 * The service's own database, looked at from outside.
 * @typedef {object} ChaosDatabase
 * @property {string} name
 * @property {Record<string, string>} env leads the service to it
 * @property {() => Promise<void>} keepJournal once the tables are there
 * @property {(sql: string) => Promise<Record<string, unknown>[]>} rows
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} which sqlite, mariadb, mysql, or the address of an empty database
 * @param {string} folder
 * @returns {Promise<ChaosDatabase>}
 */
export async function openDatabase(which, folder) {
  if (which === 'sqlite') return sqlite(join(folder, 'data'));
  if (which.startsWith('mysql:')) return await mysql(which, which.replace(/:[^:@/]*@/, ':…@'), async () => {});
  const brand = which === 'mysql' ? 'MySQL' : 'MariaDB';
  const given = await givenServer(process.env);
  const server = given?.brand === brand ? given : await (brand === 'MySQL' ? startMySql(process.env) : startMariaDb());
  if (!server) throw new Error(`${brand} can neither be found nor had here (see test/README.md).`);
  const schema = `direct_chaos_${randomBytes(6).toString('hex')}`;
  const url = new URL(server.url);
  url.pathname = '';
  try {
    await execute(url.href, `CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
    url.pathname = schema;
    return await mysql(url.href, `${brand} ${server.version} (${server.how})`, async () => {
      await execute(url.href, `DROP DATABASE ${schema}`);
      await server.stop();
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * @param {string} folder
 * @returns {ChaosDatabase}
 */
function sqlite(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'instagram-direct.sqlite');
  /** @type {Database.Database | null} */
  let db = null;
  // Opened when the service has made it; a lock that the service holds is waited for.
  const open = () => (db ??= new Database(file, { timeout: 10_000, fileMustExist: true }));
  return {
    name: `SQLite (${file})`,
    env: { DATA_DIR: folder },
    keepJournal: async () => {
      for (const sql of journalSql('sqlite')) open().exec(sql);
    },
    rows: async (sql) => /** @type {Record<string, unknown>[]} */ (open().prepare(sql).all()),
    close: async () => void db?.close(),
  };
}

/**
 * @param {string} url
 * @param {string} name
 * @param {() => Promise<void>} afterwards
 * @returns {Promise<ChaosDatabase>}
 */
async function mysql(url, name, afterwards) {
  const connection = await createConnection({ uri: url, timezone: 'Z', bigNumberStrings: false, supportBigNumbers: true });
  return {
    name,
    env: { MYSQL_URL: url },
    keepJournal: async () => {
      for (const sql of journalSql('mysql')) await connection.query(sql);
    },
    rows: async (sql) => /** @type {Record<string, unknown>[]} */ ((await connection.query(sql))[0]),
    close: async () => {
      await connection.end();
      await afterwards();
    },
  };
}

/**
 * @param {ChaosDatabase} database
 * @returns {Promise<Step[]>} in the order in which they happened
 */
export async function readJournal(database) {
  const rows = await database.rows(`SELECT message_id, old_status, new_status, attempts, at FROM ${JOURNAL_TABLE} ORDER BY id`);
  return rows.map((row) => ({
    messageId: String(row.message_id),
    before: row.old_status === null ? null : String(row.old_status),
    after: String(row.new_status),
    attempts: Number(row.attempts),
    at: Number(row.at),
  }));
}

/**
 * What is still to be done, in words; empty when everything is settled.
 * @param {ChaosDatabase} database
 */
export async function listUnsettled(database) {
  const sends = await database.rows(
    'SELECT message_id, conversation_id, status, attempts, lookups, next_attempt_at, error FROM outbox_messages ORDER BY id LIMIT 500',
  );
  const events = await database.rows(
    "SELECT id, kind, conversation_id, status, attempts, error FROM webhook_events WHERE status IN ('pending', 'dead') ORDER BY id LIMIT 500",
  );
  return [...sends.map((row) => `send ${JSON.stringify(row)}`), ...events.map((row) => `event ${JSON.stringify(row)}`)];
}

/**
 * @param {string} url
 * @param {string} sql
 */
async function execute(url, sql) {
  const connection = await createConnection({ uri: url });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
