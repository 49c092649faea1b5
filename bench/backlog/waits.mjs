// @ts-check

/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {{ p50: number, p99: number, max: number }} Quantiles */
/** @typedef {{ received: number, processed: number, replied: number }} Wait milliseconds; `received`: since 1970. NaN: not yet */
/** @typedef {{ events: number, processed: Quantiles, replied: Quantiles }} Waits */

/**
 * @param {BenchDatabase} database
 * @param {string} except this account's
 * @param {Date} from received since
 * @returns {Promise<Waits & { waits: Wait[] }>}
 */
export async function waitsOf(database, except, from) {
  const rows = await database.rows(
    `SELECT e.received_at, e.processed_at, m.sent_at FROM webhook_events e
     LEFT JOIN messages m ON m.account_id = e.account_id AND m.conversation_id = e.conversation_id AND m.direction = 'outbound'
     WHERE e.account_id <> '${except}' AND e.received_at >= '${from.toISOString().slice(0, 23).replace('T', ' ')}'`,
  );
  const waits = rows.map((row) => {
    const received = time(row.received_at);
    return { received, processed: time(row.processed_at) - received, replied: time(row.sent_at) - received };
  });
  return { ...summary(waits), waits };
}

/** @param {readonly Wait[]} waits @returns {Waits} */
export function summary(waits) {
  const of = (/** @type {'processed' | 'replied'} */ figure) => quantiles(waits.map((wait) => wait[figure]).filter((ms) => !Number.isNaN(ms)));
  return { events: waits.length, processed: of('processed'), replied: of('replied') };
}

/**
 * How many of an account's events were not applied yet, by seconds since `from`: read afterwards, so that looking costs nothing.
 * @param {BenchDatabase} database
 * @param {string} account
 * @param {Date} from
 * @returns {Promise<[second: number, left: number][]>}
 */
export async function leftBySecond(database, account, from) {
  const rows = await database.rows(`SELECT SUBSTR(processed_at, 1, 19) AS at, COUNT(*) AS n FROM webhook_events WHERE account_id = '${account}' AND processed_at IS NOT NULL GROUP BY SUBSTR(processed_at, 1, 19)`);
  let left = rows.reduce((sum, { n }) => sum + Number(n), 0);
  /** @type {[number, number][]} */
  const seconds = [[0, left]];
  for (const { at, n } of rows.sort((a, b) => time(a.at) - time(b.at))) {
    left -= Number(n);
    seconds.push([Math.max(0, (time(at) + 1000 - from.getTime()) / 1000), left]);
  }
  return seconds;
}

/** @param {unknown} value a Date of MySQL, a text of SQLite */
function time(value) {
  if (value === null || value === undefined) return NaN;
  return value instanceof Date ? value.getTime() : Date.parse(`${String(value).replace(' ', 'T')}Z`);
}

/** @param {number[]} waits @returns {Quantiles} */
function quantiles(waits) {
  const sorted = waits.sort((a, b) => a - b);
  const of = (/** @type {number} */ q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
  return { p50: of(0.5), p99: of(0.99), max: sorted[sorted.length - 1] ?? NaN };
}
