// @ts-check
import { join } from 'node:path';
import { startPeer } from '../support/contestant.mjs';
import { installPeer, peerVersion } from '../support/peers.mjs';
import { addAccounts, startService } from '../support/service.mjs';

/** @typedef {import('../support/accounts.mjs').BenchAccount} BenchAccount */
/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {{ url: string, pid: number | undefined, stop: () => Promise<unknown>, kill: () => Promise<void> }} Running */
/** @typedef {{ database: BenchDatabase, graphUrl: string, accounts: readonly BenchAccount[], nodeArgs: string[], again?: boolean }} Surroundings */

/**
 * @typedef {object} Contestant
 * @property {string} what
 * @property {string} state where it keeps what it has taken and not yet answered
 * @property {() => boolean} available
 * @property {(surroundings: Surroundings) => Promise<Running>} start `again`: on the database of one that was killed
 */

/** The word every message of this benchmark holds, and the one rule that waits for it. */
export const KEYWORD = 'price';
const RULE = {
  name: 'prices', triggerType: 'contains', triggerValue: KEYWORD,
  responseTemplate: 'Our price list is at https://example.com/prices. You wrote: {{ text }}',
};

/** @type {Record<string, Contestant>} */
export const CONTESTANTS = {
  ours: {
    what: 'ours, one process', state: 'database, committed before the 200', available: () => true,
    start: async ({ database, graphUrl, accounts, nodeArgs, again = false }) => {
      const service = await startService({ database, graphUrl, nodeArgs });
      try {
        if (!again) await addAccounts(service, accounts, [RULE]);
      } catch (error) {
        await service.stop();
        throw error;
      }
      return service;
    },
  },
  'express-inline': {
    what: '(c) Express by hand, all inline', state: 'database, committed before the 200', available: () => true,
    start: ({ database, graphUrl, accounts, nodeArgs }) =>
      startPeer({
        args: [...nodeArgs, join(import.meta.dirname, '../contestants/express-inline.mjs')],
        settings: { accounts, graphUrl, mysqlUrl: database.env.MYSQL_URL, dataDir: database.env.DATA_DIR },
      }),
  },
  bottender: {
    what: `(d) Bottender ${peerVersion('bottender')}`, state: 'memory', available: () => installPeer('bottender') !== null,
    start: ({ graphUrl, accounts, nodeArgs }) => {
      const cwd = installPeer('bottender') ?? '';
      return startPeer({ args: [...nodeArgs, join(cwd, 'node_modules/bottender/bin/cli.js'), 'start'], cwd, settings: { accounts, graphUrl } });
    },
  },
  'node-red': {
    what: `(d) Node-RED ${peerVersion('node-red')}`, state: 'memory', available: () => installPeer('node-red') !== null,
    start: ({ graphUrl, accounts, nodeArgs }) => {
      const cwd = installPeer('node-red') ?? '';
      return startPeer({
        args: [...nodeArgs, join(cwd, 'node_modules/node-red/red.js'), '--settings', join(cwd, 'settings.js')],
        settings: { accounts, graphUrl }, readyPath: '/webhooks/instagram/1',
      });
    },
  },
};
