// @ts-check
import { join } from 'node:path';
import { startPeer } from '../support/contestant.mjs';
import { addAccounts, startService } from '../support/service.mjs';

/** @typedef {import('../support/accounts.mjs').BenchAccount} BenchAccount */
/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */

/**
 * @typedef {object} Running
 * @property {string} url
 * @property {number | undefined} pid
 * @property {() => Promise<unknown>} stop
 */

/**
 * @typedef {object} Contestant
 * @property {string} what
 * @property {string | null} stored how many deliveries lie in its database; null: it keeps none
 * @property {boolean} processes whether what was stored is to be processed, now or by a worker afterwards
 * @property {(surroundings: { database: BenchDatabase, graphUrl: string, accounts: readonly BenchAccount[], nodeArgs: string[] }) => Promise<Running>} start
 */

/** Ten rules an account, as shops have them; none matches what the load writes. */
export const RULES = ['opening hours', 'price list', 'returns', 'gift card', 'workshop plan', 'discount code', 'vegan', 'parking', 'job', 'press'].map(
  (triggerValue) => ({ name: triggerValue, triggerType: 'contains', triggerValue, responseTemplate: `About ${triggerValue}: …` }),
);

const EVENTS = 'SELECT COUNT(*) AS kept FROM webhook_events';

/** @type {Record<string, Contestant>} */
export const CONTESTANTS = {
  'bare-nest': {
    what: '(a) bare Nest: signature, parse, stores nothing', stored: null, processes: false,
    start: ({ accounts, nodeArgs }) => startPeer({ args: [...nodeArgs, file('bare-nest')], settings: { accounts } }),
  },
  'express-insert': {
    what: '(b) Express by hand: one INSERT a delivery', stored: 'SELECT COUNT(*) AS kept FROM deliveries', processes: false,
    start: ({ accounts, database, nodeArgs }) =>
      startPeer({
        args: [...nodeArgs, file('express-insert')],
        settings: { accounts, mysqlUrl: database.env.MYSQL_URL, dataDir: database.env.DATA_DIR },
      }),
  },
  'ours-web': { what: 'ours, ROLE=web (a worker drains it afterwards)', stored: EVENTS, processes: true, start: ours('web') },
  'ours-all': { what: 'ours, ROLE=all (processing beside it)', stored: EVENTS, processes: true, start: ours('all') },
};

/**
 * @param {string} role
 * @returns {Contestant['start']}
 */
function ours(role) {
  return async ({ database, graphUrl, accounts, nodeArgs }) => {
    const service = await startService({ database, graphUrl, role, nodeArgs });
    try {
      await addAccounts(service, accounts, RULES);
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  };
}

/** @param {string} name */
function file(name) {
  return join(import.meta.dirname, `../contestants/${name}.mjs`);
}
