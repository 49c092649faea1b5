// @ts-check

/** @typedef {{ url: string, adminKey: string }} Service */

/** Enough for the code of each page to be compiled. */
const WARM_UP_CALLS = 20;
const CALLS = 100;
const DEEP_PAGES = 50;
const PAGE = 200;

/**
 * The pages to be timed: of each list the first, and one as deep as 50 pages of 200 or as the list goes.
 * @param {Service} service
 * @param {string} account
 * @param {string} conversation a long one
 * @returns {Promise<Record<string, string>>} by name, the address
 */
export async function pagesOf(service, account, conversation) {
  const lists = {
    conversations: `/accounts/${account}/conversations`,
    messages: `/accounts/${account}/conversations/${conversation}/messages`,
    events: `/accounts/${account}/events`,
  };
  /** @type {Record<string, string>} */
  const pages = {};
  for (const [name, path] of Object.entries(lists)) {
    pages[name] = `${path}?limit=50`;
    pages[`${name}, deep`] = `${path}?limit=50&cursor=${encodeURIComponent(await deepCursor(service, path))}`;
  }
  return pages;
}

/**
 * One call at a time, the pages in turn.
 * @param {Service} service
 * @param {Record<string, string>} pages
 */
export async function timePages(service, pages) {
  /** @type {Record<string, number[]>} */
  const times = {};
  for (let call = -WARM_UP_CALLS; call < CALLS; call++) {
    for (const [name, path] of Object.entries(pages)) {
      const began = performance.now();
      await get(service, path);
      if (call >= 0) (times[name] ??= []).push(performance.now() - began);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, taken]) => {
    const sorted = taken.sort((a, b) => a - b);
    return [name, { p50: sorted[Math.floor(CALLS * 0.5)] ?? NaN, p99: sorted[Math.floor(CALLS * 0.99)] ?? NaN }];
  }));
}

/**
 * @param {Service} service
 * @param {string} path
 */
async function deepCursor(service, path) {
  let cursor = '';
  for (let page = 0; page < DEEP_PAGES; page++) {
    const { nextCursor } = await get(service, `${path}?limit=${String(PAGE)}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  if (cursor === '') throw new Error(`${path} has only one page`);
  return cursor;
}

/**
 * @param {Service} service
 * @param {string} path
 * @returns {Promise<any>}
 */
async function get({ url, adminKey }, path) {
  const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${adminKey}` } });
  if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${await answer.text()}`);
  return await answer.json();
}
