import { describe, expect, it } from '@jest/globals';
import type { AttemptOutcome } from './decide-outcome.js';
import { Ramp } from './ramp.js';

const SENT: AttemptOutcome = { kind: 'sent', messageId: 'mid', recipientId: '1' };
const pause = { forMs: 1000, scope: 'account', reason: 'x' } as const;

describe('Ramp', () => {
  it('opens by one with each call Graph has answered for the message’s own sake, up to the most', () => {
    const ramp = new Ramp(6);
    expect(ramp.open).toBe(4);
    ramp.noteOutcome(SENT);
    ramp.noteOutcome({ kind: 'failed', reason: 'window', code: '10/2534022' });
    for (let more = 0; more < 10; more++) ramp.noteOutcome(SENT);
    expect(ramp.open).toBe(6);
  });

  it('stays as it is when the account itself is in trouble', () => {
    const ramp = new Ramp(6);
    const troubles: AttemptOutcome[] = [
      { kind: 'dead_token', reason: 'x', code: '190' }, { kind: 'paused', reason: 'x', code: '4', pause }, { kind: 'failed', reason: 'x', code: '10', pause },
      { kind: 'retry', retryAfterMs: null, reason: 'x', code: '2' }, { kind: 'unknown', reason: 'x' }, { kind: 'released', afterMs: 0 },
      { kind: 'unreached', reason: 'x', code: 'ECONNREFUSED' },
    ];
    for (const outcome of troubles) ramp.noteOutcome(outcome);
    expect(ramp.open).toBe(4);
  });

  it('stays open for a few seconds without a call, and closes at once when the account is in trouble', () => {
    let now = 0;
    const ramp = new Ramp(8, () => now);
    for (let sent = 0; sent < 3; sent++) ramp.noteOutcome(SENT);
    now += 4_000;
    expect(ramp.open).toBe(7);
    ramp.noteOutcome(SENT);
    now += 6_000;
    expect(ramp.open).toBe(4);
    expect(ramp.isStale).toBe(true);
    ramp.noteOutcome(SENT);
    ramp.noteOutcome({ kind: 'dead_token', reason: 'x', code: '190' });
    expect(ramp.open).toBe(4);
  });
});
