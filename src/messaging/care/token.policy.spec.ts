import { describe, expect, it } from '@jest/globals';
import { planToken, type TokenState } from './token.policy.js';

const DAY = 24 * 60 * 60_000;
const NOW = new Date('2026-03-01T10:00:00.000Z');
const inDays = (days: number) => new Date(NOW.getTime() + days * DAY);
const token = (more: Partial<TokenState> = {}): TokenState => ({ status: 'valid', expiresAt: inDays(40), storedAt: inDays(-20), ...more });

describe('planToken', () => {
  it('refreshes from ten days before the end, and not a moment earlier', () => {
    expect(planToken(token({ expiresAt: inDays(40) }), NOW)).toEqual({ kind: 'wait', until: inDays(30) });
    expect(planToken(token({ expiresAt: new Date(inDays(10).getTime() + 1) }), NOW).kind).toBe('wait');
    expect(planToken(token({ expiresAt: inDays(10) }), NOW)).toEqual({ kind: 'refresh' });
    expect(planToken(token({ expiresAt: new Date(NOW.getTime() + 1) }), NOW)).toEqual({ kind: 'refresh' });
  });

  it('does not refresh what is over: Graph is asked whether it is', () => {
    expect(planToken(token({ expiresAt: NOW }), NOW)).toEqual({ kind: 'check' });
    expect(planToken(token({ expiresAt: inDays(-30) }), NOW)).toEqual({ kind: 'check' });
  });

  it('learns an unknown end as soon as the token is a day old', () => {
    expect(planToken(token({ expiresAt: null, storedAt: inDays(-1) }), NOW)).toEqual({ kind: 'refresh' });
    expect(planToken(token({ expiresAt: null, storedAt: inDays(-0.25) }), NOW)).toEqual({ kind: 'wait', until: inDays(0.75) });
  });

  it('knows from its end that a token is older than its stay here', () => {
    expect(planToken(token({ expiresAt: inDays(5), storedAt: NOW }), NOW)).toEqual({ kind: 'refresh' });
    // Sixty days and a little: issued today, whatever the clock says.
    expect(planToken(token({ expiresAt: inDays(60), storedAt: NOW }), NOW)).toEqual({ kind: 'wait', until: inDays(50) });
  });

  it('asks about a token of which nothing is known, or nothing good', () => {
    expect(planToken(token({ status: 'unknown' }), NOW)).toEqual({ kind: 'check' });
    expect(planToken(token({ status: 'invalid', expiresAt: inDays(5) }), NOW)).toEqual({ kind: 'check' });
  });
});
