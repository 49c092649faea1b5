// @ts-check
// What the built service brings along. Imported by address: the types are checked against the sources, and `npm run types`
// does not need a build.

/** @type {typeof import('../../src/local-meta/index.js')} */
export const { LocalMeta, deliveryOf, entryOf, newMid, textEvent, wireBytes } = await import(
  new URL('../../dist/src/local-meta/index.js', import.meta.url).href
);
