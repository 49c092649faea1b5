// @ts-check
import { until } from '../support/measure.mjs';

/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */

const WITHIN_SECONDS = 900;
/** Pages and rows that the server's own work keeps changing. */
const FEW = 100;
/** Keys that are hashes: a new row goes to any page of these, so a server that has been up for a while holds them. */
const ANYWHERE = { ux_messages_external: ['external_key', 'messages'], ux_webhook_events_dedupe: ['dedupe_key', 'webhook_events'] };

/** @param {BenchDatabase} database */
const isEmbedded = (database) => database.env.MYSQL_URL === undefined;

/**
 * Until what came before is purged and on the disk: nobody pays for what another left.
 * @param {BenchDatabase} database
 */
export async function comeToRest(database) {
  if (isEmbedded(database)) return void (await database.rows('PRAGMA wal_checkpoint(TRUNCATE)'));
  const status = async (/** @type {string} */ name) => Number((await database.rows(`SHOW GLOBAL STATUS LIKE '${name}'`))[0]?.Value);
  /** @type {Map<string, string>} */
  const before = new Map();
  const set = async (/** @type {string} */ name, /** @type {number} */ value) => {
    const [row] = await database.rows(`SHOW GLOBAL VARIABLES LIKE '${name}'`);
    if (!row) return; // MariaDB has not all of them
    before.set(name, String(row.Value));
    await database.rows(`SET GLOBAL ${name} = ${String(value)}`);
  };
  try {
    // What is purged is counted down only now and then, which an idle server takes half a minute for.
    await set('innodb_purge_rseg_truncate_frequency', 1);
    await until('deleted rows are purged', async () => {
      // MySQL counts it among its metrics, MariaDB in its status.
      const found = await database.rows("SELECT COUNT AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'").catch(() => []);
      return Number(found[0]?.n ?? (await status('Innodb_history_list_length'))) < FEW;
    }, { seconds: WITHIN_SECONDS });
    await set('innodb_max_dirty_pages_pct_lwm', 0);
    await set('innodb_max_dirty_pages_pct', 0);
    await until('changed pages are on the disk', async () => (await status('Innodb_buffer_pool_pages_dirty')) < FEW, { seconds: WITHIN_SECONDS });
  } finally {
    for (const [name, value] of [...before].reverse()) await database.rows(`SET GLOBAL ${name} = ${value}`);
  }
}

/**
 * Reads once what a server that has been up for a while has in memory, as far as it fits.
 * @param {BenchDatabase} database
 */
export async function warm(database) {
  const along = (/** @type {string} */ index) => (isEmbedded(database) ? `INDEXED BY ${index}` : `FORCE INDEX (${index})`);
  for (const [index, [key, table]] of Object.entries(ANYWHERE)) await database.rows(`SELECT COUNT(${String(key)}) FROM ${String(table)} ${along(index)}`);
}

/**
 * @param {BenchDatabase} database
 * @returns {Promise<{ bytes: number, unique: number }>} of its tables with their indexes; of the two indexes whose keys are hashes (NaN: not told)
 */
export async function sizeOf(database) {
  if (isEmbedded(database)) {
    const [pages] = await database.rows('PRAGMA page_count');
    const [page] = await database.rows('PRAGMA page_size');
    return { bytes: Number(pages?.page_count) * Number(page?.page_size), unique: NaN };
  }
  const [all] = await database.rows('SELECT SUM(data_length + index_length) AS n FROM information_schema.tables WHERE table_schema = DATABASE()');
  const [unique] = await database.rows(`SELECT SUM(stat_value * @@innodb_page_size) AS n FROM mysql.innodb_index_stats
    WHERE database_name = DATABASE() AND stat_name = 'size' AND index_name IN ('ux_messages_external', 'ux_webhook_events_dedupe')`);
  return { bytes: Number(all?.n), unique: Number(unique?.n) };
}
