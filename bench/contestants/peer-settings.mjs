// @ts-check
import { createHmac, timingSafeEqual } from 'node:crypto';

/** @type {import('../support/contestant.mjs').PeerSettings} */
export const settings = JSON.parse(process.env.BENCH ?? '{}');

/** Meta's limit on a delivery is not published; the service takes 10 MiB too. */
export const LIMIT_BYTES = 10 * 1024 * 1024;

const secrets = new Map(settings.accounts.map(({ id, appSecret }) => [id, appSecret]));

/**
 * @param {string} accountId
 * @param {Buffer} body
 * @param {unknown} header
 */
export function isSigned(accountId, body, header) {
  const secret = secrets.get(accountId);
  if (secret === undefined || typeof header !== 'string') return false;
  const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(header);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

// SIGTERM ends Node at once, and with it a profile that was being taken.
process.once('SIGTERM', () => process.exit(0));
