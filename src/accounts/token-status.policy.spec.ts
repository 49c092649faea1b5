import { describe, expect, it } from '@jest/globals';
import { EXPIRING_WITHIN_MS, tokenStatusAt } from './token-status.policy.js';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const inMs = (ms: number): Date => new Date(NOW.getTime() + ms);

describe('tokenStatusAt', () => {
  it('calls an accepted token expiring under seven days', () => {
    expect(tokenStatusAt(NOW, 'valid', inMs(EXPIRING_WITHIN_MS))).toBe('valid');
    expect(tokenStatusAt(NOW, 'valid', inMs(EXPIRING_WITHIN_MS - 1))).toBe('expiring');
    expect(tokenStatusAt(NOW, 'valid', null)).toBe('valid');
  });

  it('knows nothing of a token before Graph was asked, and believes Graph', () => {
    expect(tokenStatusAt(NOW, 'unknown', inMs(1000))).toBe('unknown');
    expect(tokenStatusAt(NOW, 'invalid', inMs(1000))).toBe('invalid');
  });
});
