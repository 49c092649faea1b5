// @ts-check
import Database from 'better-sqlite3';
import { givenServer, startMariaDb, startMySql, WITHOUT_WAITING_FOR_THE_DISK } from './mysql.mjs';
import { text } from './private-server.mjs';
import { startRedis } from './redis.mjs';

/**
 * What a test may use. Null: the server could not be had.
 * @typedef {{ mariadb: string | null, mysql: string | null, redis: string | null }} Addresses
 */

/**
 * Finds or starts the real servers, each private to this run.
 * @param {NodeJS.ProcessEnv} env TEST_MYSQL_URL, TEST_MYSQL9_ROOT, TEST_REDIS_URL; TEST_DATABASES=sqlite,mariadb,mysql leaves some out
 */
export async function startServers(env) {
  const wanted = (env.TEST_DATABASES ?? 'sqlite,mariadb,mysql').toLowerCase().split(',').map((name) => name.trim());
  /** @type {string[]} */
  const missing = [];
  const given = await givenServer(env);
  /**
   * @template T
   * @param {string} name
   * @param {() => Promise<T | null>} start
   */
  const attempt = async (name, start) => {
    try {
      const server = await start();
      if (!server) missing.push(`${name}: neither found nor to be had here (see test/README.md).`);
      return server;
    } catch (error) {
      missing.push(`${name}: ${text(error)}`);
      return null;
    }
  };
  /**
   * @param {'MariaDB' | 'MySQL'} brand
   * @param {() => Promise<import('./mysql.mjs').SqlServer | null>} start
   */
  const database = async (brand, start) => {
    if (given?.brand === brand) return given;
    if (wanted.includes(brand.toLowerCase())) return await attempt(brand, start);
    missing.push(`${brand}: left out by TEST_DATABASES.`);
    return null;
  };
  const [mariadb, mysql, redis] = await Promise.all([
    database('MariaDB', () => startMariaDb({ settings: WITHOUT_WAITING_FOR_THE_DISK })),
    database('MySQL', () => startMySql(env, { settings: WITHOUT_WAITING_FOR_THE_DISK })),
    attempt('Redis', () => startRedis(env)),
  ]);
  const names = [
    `SQLite ${sqliteVersion()} (embedded)`,
    ...[mariadb, mysql].map((server) => server && `${server.brand} ${server.version} (${server.how})`),
    redis && `Redis ${redis.version} (${redis.how})`,
  ];
  return {
    addresses: /** @type {Addresses} */ ({ mariadb: mariadb?.url ?? null, mysql: mysql?.url ?? null, redis: redis?.url ?? null }),
    summary: names.filter(Boolean).join(', '),
    missing,
    stop: async () => {
      await Promise.all([mariadb, mysql, redis].map((server) => server?.stop()));
    },
  };
}

function sqliteVersion() {
  const db = new Database(':memory:');
  try {
    return String(db.prepare('SELECT sqlite_version()').pluck().get());
  } finally {
    db.close();
  }
}
