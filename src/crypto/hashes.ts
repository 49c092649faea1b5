import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * 43 characters of base64url. Each part is preceded by its length, so ('ab', 'c') and ('a', 'bc') differ; and hashed as
 * UTF-16, since UTF-8 would make one of all broken surrogates.
 */
export function sha256(...parts: string[]): string {
  let text = '';
  for (const part of parts) text += `${String(part.length)}:${part}`;
  return hash('sha256', Buffer.from(text, 'utf16le'), 'base64url');
}

/** Takes the same time wherever the first difference is, and whatever the lengths are. */
export function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}

/** Random bytes as base64url: keys, verify tokens. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
