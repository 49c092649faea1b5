import { afterAll, beforeAll, describe } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { parseEnvironment, type AppSettings } from '../../src/config/index.js';

export type DatabaseName = 'SQLite' | 'MariaDB' | 'MySQL';

/** A database of the suite's own: empty, not yet migrated, gone when the suite has ended. */
export interface TestDatabase {
  readonly name: DatabaseName;
  /** The variables a service needs to use it; also what a child process is started with. */
  readonly env: Readonly<Record<string, string>>;
  /** The same, validated. Add what the test needs: `database.settings({ LOG_LEVEL: 'info' })`. */
  settings(more?: Readonly<Record<string, string>>): AppSettings;
}

interface Addresses {
  readonly mariadb: string | null;
  readonly mysql: string | null;
  readonly redis: string | null;
}

/** Describes the same suite once for each database. One that could not be had is skipped; with CI set that fails before. */
export function eachDatabase(suite: (database: TestDatabase) => void): void {
  const only = process.env.TEST_DATABASES?.toLowerCase();
  onDatabase('SQLite', only === undefined || only.includes('sqlite') ? '' : null, suite);
  eachServer(suite);
}

/** The same, for what only a server has: sessions, users, a limit of connections. */
export function eachServer(suite: (database: TestDatabase) => void): void {
  const { mariadb, mysql } = addresses();
  onDatabase('MariaDB', mariadb, suite);
  onDatabase('MySQL', mysql, suite);
}

/** Describes the suite on the run's real Redis, whose keys are shared. Where none could be had it is skipped; with CI set that fails before. */
export function onRedis(name: string, suite: (url: string) => void): void {
  const url = redisUrl();
  (url === null ? describe.skip : describe)(name, () => {
    suite(url ?? '');
  });
}

/** The address of the run's real Redis, or null where there is none. Its keys are shared: use a prefix of your own. */
export function redisUrl(): string | null {
  return addresses().redis;
}

function addresses(): Addresses {
  const given = process.env.TEST_SERVERS;
  if (given === undefined) throw new Error('The test servers are started by the e2e project: jest --selectProjects e2e');
  return JSON.parse(given) as Addresses;
}

function onDatabase(name: DatabaseName, server: string | null, suite: (database: TestDatabase) => void): void {
  if (server === null) {
    describe.skip(name, () => {
      suite({ name, env: {}, settings: () => parseEnvironment({}) });
    });
    return;
  }
  describe(name, () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-test-'));
    const schema = `direct_${randomBytes(8).toString('hex')}`;
    const env = {
      APP_SECRET_KEY: 'a passphrase of the tests',
      LOG_LEVEL: 'silent',
      DATA_DIR: folder,
      ...(server === '' ? {} : { MYSQL_URL: `${server.replace(/\/[^/@]*$/, '')}/${schema}` }),
    };
    beforeAll(async () => {
      mkdirSync(folder, { recursive: true });
      if (server !== '') await execute(server, `CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
    });
    suite({ name, env, settings: (more = {}) => parseEnvironment({ ...env, ...more }) });
    // After the suite's own afterAll: jest runs them in the order in which they are declared.
    afterAll(async () => {
      if (server !== '') await execute(server, `DROP DATABASE IF EXISTS ${schema}`);
      rmSync(folder, { recursive: true, force: true });
    });
  });
}

async function execute(server: string, sql: string): Promise<void> {
  const connection = await createConnection({ uri: server });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
