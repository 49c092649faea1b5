import { describe, expect, it } from '@jest/globals';
import { CALLS_WITHIN_MS, CLAIM_MS, nextLookAt, retryAt } from './care.policy.js';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const MINUTE = 60_000;
const minutesUntil = (at: Date) => (at.getTime() - NOW.getTime()) / MINUTE;

describe('the care policy', () => {
  it('looks at a subscription about every hour, spread', () => {
    expect(minutesUntil(nextLookAt('subscription', NOW, 0))).toBe(48);
    expect(minutesUntil(nextLookAt('subscription', NOW, 0.999999))).toBeCloseTo(72, 1);
  });

  it('waits longer after each failure, and at least as long as Graph asks', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => minutesUntil(retryAt(NOW, failures, null, 0.5)));
    expect(waits).toEqual([1, 5, 30, 60, 180, 360, 360, 360]);
    expect(minutesUntil(retryAt(NOW, 1, 20 * MINUTE, 0.5))).toBe(20);
    expect(minutesUntil(retryAt(NOW, 1, 1e12, 0.5))).toBe(24 * 60);
  });

  it('makes no call whose answer could come after the claim', () => {
    // Two calls after the last look at the clock, ten seconds each.
    expect(CLAIM_MS - CALLS_WITHIN_MS).toBeGreaterThan(20_000);
  });
});
