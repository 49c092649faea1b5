// @ts-check
import { createHmac } from 'node:crypto';
import { deliveryOf, entryOf, newMid, textEvent, wireBytes } from './built.mjs';

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */
/** @typedef {{ path: string, headers: Record<string, string>, body: Buffer }} Delivery */

/** A person of the benchmarks: each writes to one account only, whose place in the list is in the number. @param {number} nth */
export const personOf = (nth) => `9${String(nth).padStart(15, '0')}`;

/**
 * One message of somebody. Every message carries its number in brackets, and a reply that quotes it can be told from all others.
 * @param {BenchAccount} account
 * @param {{ person: number, text: string, nth: number }} message
 */
export function messageOf(account, { person, text, nth }) {
  return textEvent({ accountId: account.id, person: personOf(person), mid: newMid(), at: new Date() }, `${text} (${String(nth)})`);
}

/**
 * A delivery of one account as Meta writes and signs it: SHA-256 as documented today, and SHA-1 beside it, which Meta still sends.
 * @param {BenchAccount} account
 * @param {ReturnType<typeof messageOf>[]} events
 * @param {string} [secret] another one forges it
 * @returns {Delivery}
 */
export function deliver(account, events, secret = account.appSecret) {
  const body = wireBytes(deliveryOf(entryOf(account.id, events)));
  const hmac = (/** @type {string} */ algorithm) => createHmac(algorithm, secret).update(body).digest('hex');
  return {
    path: `/webhooks/instagram/${account.id}`,
    headers: {
      'User-Agent': 'facebookexternalua', Accept: '*/*', 'Content-Type': 'application/json',
      'X-Hub-Signature': `sha1=${hmac('sha1')}`, 'X-Hub-Signature-256': `sha256=${hmac('sha256')}`,
    },
    body,
  };
}
