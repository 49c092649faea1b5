// @ts-check
import { createHash } from 'node:crypto';

/** @typedef {{ id: string, username: string, accessToken: string, appSecret: string }} BenchAccount */

/**
 * The same accounts in every process and round.
 * @param {number} count
 * @param {{ oneApp?: boolean }} [options] all of one Meta app, which signs for all of them
 * @returns {BenchAccount[]}
 */
export function benchAccounts(count, { oneApp = false } = {}) {
  return Array.from({ length: count }, (_, nth) => ({
    id: `178414${String(nth + 1).padStart(11, '0')}`,
    username: `bench.shop.${String(nth + 1)}`,
    accessToken: `IGAA${digest(`token ${String(nth)}`)}`,
    appSecret: digest(`secret ${oneApp ? 'of the app' : String(nth)}`).slice(0, 32),
  }));
}

/** @param {string} text */
function digest(text) {
  return createHash('sha256').update(text).digest('hex');
}
