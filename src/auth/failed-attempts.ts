import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const ATTEMPTS = 20;
const WINDOW_SECONDS = 60;
/** Keys seen to be good: their users must not suffer from others behind the same proxy. */
const TRUSTED = 1000;

/** Counts keys that were not valid, per address. */
@Injectable()
export class FailedAttempts {
  private readonly limiter = new RateLimiterMemory({ points: ATTEMPTS, duration: WINDOW_SECONDS });
  private readonly trusted = new Set<string>();

  /** Seconds until this address may try a key again, or null: now. */
  async secondsBlocked(address: string, keyHash: string): Promise<number | null> {
    if (this.trusted.has(keyHash)) return null;
    const state = await this.limiter.get(networkOf(address));
    if (!state || state.consumedPoints < ATTEMPTS) return null;
    return Math.max(1, Math.ceil(state.msBeforeNext / 1000));
  }

  /** The key was not valid. One that was good before is no longer trusted. */
  async count(address: string, keyHash: string): Promise<void> {
    this.trusted.delete(keyHash);
    await this.limiter.penalty(networkOf(address), 1);
  }

  trust(keyHash: string): void {
    if (this.trusted.size >= TRUSTED) this.trusted.clear();
    this.trusted.add(keyHash);
  }
}

/** One household or server has a whole IPv6 /64: its addresses count as one. */
export function networkOf(address: string): string {
  if (!address.includes(':') || /^::ffff:\d+\./i.test(address)) return address.replace(/^::ffff:/i, '');
  const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  return [...left, ...zeros, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':');
}
