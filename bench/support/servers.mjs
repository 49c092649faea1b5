// @ts-check
import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { givenServer, startMariaDb, startMySql } from '../../test/support/servers/mysql.mjs';
import { median } from './measure.mjs';
import { serverPid } from './proc.mjs';

/** What decides whether a commit is on the disk when it is answered, and what these must be on MySQL. */
const DURABILITY = ['innodb_flush_log_at_trx_commit', 'sync_binlog', 'log_bin', 'innodb_doublewrite', 'innodb_flush_method'];
const PROGRAMS = ['mysqld', 'mariadbd'];
const COMMITS = 100;
const MOST_ASKED = `SELECT DIGEST_TEXT AS \`sql\`, COUNT_STAR AS times, SUM_ROWS_AFFECTED + SUM_ROWS_SENT AS touched, SUM_TIMER_WAIT / 1e12 AS seconds
  FROM performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME = ? ORDER BY SUM_TIMER_WAIT DESC LIMIT 25`;
const AS_DELIVERED = { innodb_flush_log_at_trx_commit: '1', sync_binlog: '1', log_bin: '1', innodb_doublewrite: '1', innodb_redo_log: '1' };

/**
 * An empty database of its own for one contestant in one round.
 * @typedef {object} BenchDatabase
 * @property {Record<string, string>} env leads the service, and every other contestant, to it
 * @property {(sql: string) => Promise<Record<string, unknown>[]>} rows looks into it from outside
 * @property {() => Promise<{ sql: string, times: number, rows: number, seconds: number }[]>} statements what it has been asked most, by MySQL's own records; empty where there are none
 * @property {string} schema its name; empty: it has none
 * @property {() => Promise<void>} drop
 * @property {() => Promise<void>} close it stays
 */

/**
 * One database server for the whole run. SQLite is none, and made to look like one.
 * @typedef {object} BenchServer
 * @property {string} kind sqlite, mysql, mariadb
 * @property {string} name with its version and how it was had
 * @property {Record<string, string>} durability
 * @property {number | undefined} pid undefined: none of its own, or it cannot be seen
 * @property {() => Promise<number>} statements how many it has been sent so far; NaN: it does not count them
 * @property {() => Promise<BenchDatabase>} create
 * @property {(schema: string) => Promise<BenchDatabase>} open one that was created before and closed
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} kind sqlite, mysql or mariadb
 * @returns {Promise<BenchServer>}
 */
export async function startServer(kind) {
  if (kind === 'sqlite') return sqliteServer();
  const brand = kind === 'mysql' ? 'MySQL' : 'MariaDB';
  const given = await givenServer(process.env);
  const server = given?.brand === brand ? given : await (kind === 'mysql' ? startMySql(process.env) : startMariaDb());
  if (!server) throw new Error(`${brand} can neither be found nor had here (see test/README.md).`);
  return await benchServer(kind, server, kind === 'mysql' ? AS_DELIVERED : { innodb_flush_log_at_trx_commit: '1' }, server.stop);
}

/**
 * A MySQL of our own whose data outlive it. It is shut down in order.
 * @param {string} data its data folder; an empty one is made one
 * @param {readonly string[]} settings
 * @param {boolean} durable false: as it pleases, and never to be measured
 */
export async function startKeptMySql(data, settings, durable) {
  const server = await startMySql(process.env, { data, settings });
  if (!server) throw new Error('A data folder to be kept needs a MySQL 9 on this machine: TEST_MYSQL9_ROOT, or mysqld on the PATH (see test/README.md).');
  return await benchServer('mysql', server, durable ? AS_DELIVERED : {}, async () => {
    const pid = serverPid(server.url, PROGRAMS);
    const connection = await createConnection({ uri: server.url });
    await connection.query('SHUTDOWN');
    connection.destroy();
    // What its keeper would kill.
    while (pid !== undefined && serverPid(server.url, PROGRAMS) === pid) await delay(200);
    await server.stop();
  });
}

/**
 * @param {string} kind
 * @param {import('../../test/support/servers/mysql.mjs').SqlServer} server
 * @param {Record<string, string>} wanted
 * @param {() => Promise<void>} stop
 * @returns {Promise<BenchServer>}
 */
async function benchServer(kind, server, wanted, stop) {
  try {
    const watching = await createConnection({ uri: server.url });
    return {
      kind,
      name: `${server.brand} ${server.version}`,
      durability: await durability(server.url, wanted),
      pid: serverPid(server.url, PROGRAMS),
      statements: async () => {
        const [rows] = await watching.query("SHOW GLOBAL STATUS LIKE 'Questions'");
        return Number(/** @type {{ Value: string }[]} */ (rows)[0]?.Value);
      },
      create: () => openSchema(server.url, `direct_bench_${randomBytes(6).toString('hex')}`),
      open: (schema) => openSchema(server.url, schema),
      stop: async () => {
        await watching.end();
        await stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * More memory than a server comes with. SQLite has none of this.
 * @param {BenchServer} server
 * @param {BenchDatabase} database any of it
 * @param {number} mib
 */
export async function giveBufferPool(server, database, mib) {
  if (server.kind !== 'sqlite') await database.rows(`SET GLOBAL innodb_buffer_pool_size = ${String(mib * 1024 * 1024)}`);
}

/**
 * In words for people; what a commit costs here says how much the disk under it matters.
 * @param {BenchServer} server
 */
export async function durabilityOf(server) {
  const settings = Object.entries(server.durability).map(([name, value]) => `${name}=${value}`).join(', ');
  return `${settings}; one commit alone takes ${(await commitMs(server)).toFixed(2)} ms here`;
}

/** @param {BenchServer} server */
async function commitMs(server) {
  const database = await server.create();
  const { MYSQL_URL: uri, DATA_DIR: folder } = database.env;
  /** @type {number[]} */
  const took = [];
  try {
    const connection = uri === undefined ? null : await createConnection({ uri });
    const file = connection ? null : openDurably(join(String(folder), 'instagram-direct.sqlite'));
    const run = async (/** @type {string} */ sql) => void (connection ? await connection.query(sql) : file?.exec(sql));
    await run('CREATE TABLE commits (id INTEGER PRIMARY KEY, body VARCHAR(1000))');
    for (let nth = 0; nth < COMMITS; nth++) {
      const began = performance.now();
      await run(`INSERT INTO commits VALUES (${String(nth)}, '${'x'.repeat(500)}')`);
      took.push(performance.now() - began);
    }
    file?.close();
    await connection?.end();
  } finally {
    await database.drop();
  }
  return median(took);
}

/**
 * SQLite as the service has it.
 * @param {string} file
 */
function openDurably(file) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  return db;
}

/** @returns {BenchServer} */
function sqliteServer() {
  const memory = new Database(':memory:');
  const version = String(memory.prepare('SELECT sqlite_version()').pluck().get());
  memory.close();
  return {
    kind: 'sqlite',
    name: `SQLite ${version}`,
    durability: { journal_mode: 'WAL', synchronous: 'FULL' },
    pid: undefined,
    statements: async () => NaN,
    open: () => Promise.reject(new Error('SQLite keeps nothing from one run to the next')),
    create: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'direct-bench-data-'));
      const data = join(folder, 'data');
      mkdirSync(data);
      /** @type {Database.Database | null} */
      let db = null;
      const open = () => (db ??= new Database(join(data, 'instagram-direct.sqlite'), { timeout: 10_000, fileMustExist: true }));
      return {
        env: { DATA_DIR: data },
        rows: async (sql) => /** @type {Record<string, unknown>[]} */ (open().prepare(sql).all()),
        statements: async () => [],
        schema: '',
        drop: async () => {
          db?.close();
          rmSync(folder, { recursive: true, force: true });
        },
        close: async () => void db?.close(),
      };
    },
    stop: async () => {},
  };
}

/**
 * @param {string} serverUrl
 * @param {string} schema made when it is not there
 * @returns {Promise<BenchDatabase>}
 */
async function openSchema(serverUrl, schema) {
  const url = new URL(serverUrl);
  url.pathname = '';
  const connection = await createConnection({ uri: url.href, timezone: 'Z', supportBigNumbers: true });
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${schema}`);
  url.pathname = schema;
  return {
    env: { MYSQL_URL: url.href },
    rows: async (sql) => /** @type {Record<string, unknown>[]} */ ((await connection.query(sql))[0]),
    statements: async () => {
      const [rows] = await connection.query(MOST_ASKED, [schema]);
      return /** @type {{ sql: string, times: number, touched: number, seconds: number }[]} */ (rows).map(({ sql, times, touched, seconds }) => ({ sql, times: Number(times), rows: Number(touched), seconds: Number(seconds) }));
    },
    schema,
    drop: async () => {
      await connection.query(`DROP DATABASE ${schema}`);
      await connection.end();
    },
    close: () => connection.end(),
  };
}

/**
 * Refuses to measure a MySQL that answers a commit before it is on the disk.
 * @param {string} url
 * @param {Record<string, string>} wanted
 */
async function durability(url, wanted) {
  const connection = await createConnection({ uri: url });
  try {
    /** @type {Record<string, string>} */
    const settings = {};
    for (const name of DURABILITY) {
      const [rows] = await connection.query('SHOW GLOBAL VARIABLES WHERE Variable_name = ?', [name]);
      const value = /** @type {{ Value: string }[]} */ (rows)[0]?.Value;
      if (value !== undefined) settings[name] = value === 'ON' ? '1' : value;
    }
    // MySQL's only, and a state, not a setting.
    const [rows] = await connection.query("SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'");
    const redo = /** @type {{ Value: string }[]} */ (rows)[0]?.Value;
    if (redo !== undefined) settings.innodb_redo_log = redo === 'ON' ? '1' : '0';
    for (const [name, value] of Object.entries(wanted)) {
      if (settings[name] !== value) throw new Error(`${name} is ${String(settings[name])}, not ${value}: not the server's own durability`);
    }
    return settings;
  } finally {
    await connection.end();
  }
}
