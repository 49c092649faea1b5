import { describe, expect, it, jest } from '@jest/globals';
import { AccountPauses } from './account-pauses.js';

describe('AccountPauses', () => {
  it('leaves an account alone for a while, and no other', () => {
    let now = 0;
    const pauses = new AccountPauses(() => now);
    pauses.pause('1', 3_000);
    now += 2_999;
    expect([pauses.isPaused('1'), pauses.isPaused('2')]).toEqual([true, false]);
    now += 1;
    expect(pauses.isPaused('1')).toBe(false);
  });

  it('does not ask a clock that may be set back', () => {
    jest.useFakeTimers({ now: new Date('2026-11-24T10:00:00Z') });
    try {
      const pauses = new AccountPauses();
      pauses.pause('1', 3_000);
      jest.setSystemTime(new Date('2026-11-24T09:00:00Z'));
      expect(pauses.isPaused('1')).toBe(true);
      jest.advanceTimersByTime(3_001);
      expect(pauses.isPaused('1')).toBe(false);
    } finally {
      jest.useRealTimers();
    }
  });
});
