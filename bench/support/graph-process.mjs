// @ts-check
import { LocalMeta } from './built.mjs';
import { serveParent } from './child.mjs';

/** @type {import('../../src/local-meta/index.js').LocalMeta} */
let meta;

serveParent({
  start: async () => {
    meta = await LocalMeta.start({ echo: 'never' });
    return meta.graphUrl;
  },
  /** @param {readonly import('./accounts.mjs').BenchAccount[]} accounts */
  addAccounts: (accounts) => {
    for (const account of accounts) meta.addAccount({ ...account, callbackUrl: `http://127.0.0.1:1/webhooks/instagram/${account.id}` });
  },
});
