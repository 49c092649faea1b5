import { createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'sha256=';

/** What Meta puts in `X-Hub-Signature-256`: HMAC-SHA256 over the raw bytes with the app secret. */
export function sign(rawBody: Buffer, secret: string): string {
  return PREFIX + digest(rawBody, secret).toString('hex');
}

/** Compared in constant time. An empty secret matches nothing: anyone could sign with it. */
export function signatureMatches(rawBody: Buffer, header: string | undefined, secret: string): boolean {
  if (secret === '' || header === undefined || !/^sha256=[0-9a-f]{64}$/.test(header)) return false;
  return timingSafeEqual(Buffer.from(header.slice(PREFIX.length), 'hex'), digest(rawBody, secret));
}

function digest(rawBody: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(rawBody).digest();
}
