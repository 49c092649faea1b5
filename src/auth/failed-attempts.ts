import { Injectable } from '@nestjs/common';
import { isIP } from 'node:net';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/** Far more than a client with an old key makes; a key cannot be guessed at any rate. */
export const ATTEMPTS = 300;
const WINDOW_SECONDS = 60;

/** Counts keys that were not valid, per address. */
@Injectable()
export class FailedAttempts {
  private readonly limiter = new RateLimiterMemory({ points: ATTEMPTS, duration: WINDOW_SECONDS });

  /** @returns seconds until this address should try again; null: it has not had too many */
  async count(address: string): Promise<number | null> {
    const state = await this.limiter.penalty(networkOf(address), 1);
    return state.consumedPoints <= ATTEMPTS ? null : Math.max(1, Math.ceil(state.msBeforeNext / 1000));
  }
}

/**
 * One household or server has a whole IPv6 /64: its addresses count as one. So does whatever is none: behind a proxy that hands
 * `X-Forwarded-For` on as it came, anybody can write anything there, up to 16 KB that would be kept for a minute each.
 */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return '';
  if (!address.includes(':') || /^::ffff:\d+\./i.test(address)) return address.replace(/^::ffff:/i, '');
  const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  return [...left, ...zeros, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':');
}
