// @ts-check

/** @typedef {{ url: string, adminKey: string }} Service */
/** @typedef {Record<string, { p50: number, p99: number }>} PageTimes by the page's name, in milliseconds */

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
 * One call at a time, of each page and each service in turn.
 * @param {Record<string, { service: Service, pages: Record<string, string> }>} asked by the service's name; alike for all
 * @returns {Promise<Record<string, PageTimes>>}
 */
export async function timePages(asked) {
  /** @type {Record<string, Record<string, number[]>>} */
  const times = Object.fromEntries(Object.keys(asked).map((name) => [name, {}]));
  const pages = Object.keys(Object.values(asked)[0]?.pages ?? {});
  for (let call = -WARM_UP_CALLS; call < CALLS; call++) {
    for (const page of pages) {
      for (const [name, { service, pages: paths }] of Object.entries(asked)) {
        const began = performance.now();
        await get(service, paths[page] ?? '');
        if (call >= 0) ((times[name] ??= {})[page] ??= []).push(performance.now() - began);
      }
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, taken]) => [name, Object.fromEntries(Object.entries(taken).map(([page, all]) => [page, quantiles(all)]))]));
}

/** @param {number[]} times */
function quantiles(times) {
  const sorted = times.sort((a, b) => a - b);
  const of = (/** @type {number} */ q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
  return { p50: of(0.5), p99: of(0.99) };
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
