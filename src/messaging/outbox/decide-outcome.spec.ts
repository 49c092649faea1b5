import { describe, expect, it } from '@jest/globals';
import type { SendOutcome } from '../message-sender.port.js';
import { decideOutcome } from './decide-outcome.js';
import type { ClaimedMessage } from './outbox-message.js';

const NOW = new Date('2026-11-24T10:00:00.000Z');

function claimed(more: Partial<ClaimedMessage> = {}): ClaimedMessage {
  return {
    id: 1, accountId: '17', conversationId: '17:1', messageId: 'm', source: 'rule', status: 'sending', attempts: 1, nextAttemptAt: NOW,
    attemptedAt: NOW, lookups: 0, sendBefore: new Date(NOW.getTime() + 3_600_000), createdAt: NOW,
    request: { recipient: { id: '1' }, message: { text: 'hi' } },
    error: null, ...more,
  };
}

const temporary: SendOutcome = { kind: 'retry', retryAfterMs: null, reason: 'A temporary error (code 2)', cure: 'Send it again later.', code: '2' };
const noWay: SendOutcome = { kind: 'unreached', reason: 'Graph could not be reached (ECONNREFUSED)', code: 'ECONNREFUSED', cure: 'Check the way there.' };
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const decide = (outcome: SendOutcome, more: Partial<ClaimedMessage> = {}) => decideOutcome(claimed(more), outcome, NOW, 0.5);
const afterMs = (outcome: SendOutcome, attempts: number) => {
  const { next } = decide(outcome, { attempts });
  return next && next.nextAttemptAt.getTime() - NOW.getTime();
};

describe('decideOutcome', () => {
  it('tries again after longer and longer, five times in all', () => {
    expect([1, 2, 3, 4, 5].map((attempts) => afterMs(temporary, attempts))).toEqual([1_000, 4_000, 15_000, 60_000, null]);
    expect(decide(temporary).message).toMatchObject({ status: 'queued', error: 'A temporary error (code 2); it is tried again by itself.' });
    expect(decide(temporary, { attempts: 5 }).message).toMatchObject({
      status: 'failed', error: 'A temporary error (code 2); tried 5 times. Send it again later.',
    });
  });

  it('waits as long as it is told, and no longer than a day', () => {
    expect(afterMs({ ...temporary, retryAfterMs: 7_000 }, 1)).toBe(7_000);
    expect(afterMs({ ...temporary, retryAfterMs: 1e12 }, 1)).toBe(86_400_000);
  });

  it('tries what the network alone holds up until its time is over, less and less often', () => {
    const afterAge = (seconds: number) => {
      const { next } = decide(noWay, { createdAt: new Date(NOW.getTime() - seconds * 1000) });
      return next && next.nextAttemptAt.getTime() - NOW.getTime();
    };
    expect([0, 1, 2, 4, 40, 3_600].map(afterAge)).toEqual([1_000, 1_000, 2_000, 4_000, 40_000, 60_000]);
    expect(decide(noWay).message).toMatchObject({ status: 'queued', error: 'Graph could not be reached (ECONNREFUSED); it is tried again by itself.' });
    expect(decide(noWay, { sendBefore: null, createdAt: minutesAgo(24 * 60 - 1) }).message.status).toBe('queued');
    expect(decide(noWay, { sendBefore: null, createdAt: minutesAgo(24 * 60) }).message).toMatchObject({
      status: 'failed', error: 'Graph could not be reached (ECONNREFUSED). Check the way there.',
    });
    expect(decide(noWay, { request: { recipient: { id: '1' }, sender_action: 'typing_on' } }).message.status).toBe('failed');
  });

  it('remembers that a passing error of Instagram’s own may have been no refusal', () => {
    expect(decide(temporary).next).toMatchObject({ status: 'queued', lookups: 1 });
    for (const refusal of [{ ...temporary, maxAttempts: 2 }, noWay]) expect(decide(refusal).next).toMatchObject({ status: 'queued', lookups: 0 });
  });

  it('counts no try that reached nobody', () => {
    expect(decide(noWay, { attempts: 1 }).next).toMatchObject({ status: 'queued', attempts: 0 });
    expect(decide(noWay, { attempts: 3 }).next).toMatchObject({ status: 'queued', attempts: 2 });
  });

  it('does not count an attempt that failed for the account’s sake', () => {
    const pause = { forMs: 60_000, scope: 'account', reason: 'Too many.' } as const;
    expect(decide({ kind: 'paused', reason: 'Too many (code 17)', code: '17', pause }).next).toMatchObject({ status: 'queued', attempts: 0 });
    expect(decide({ kind: 'dead_token', reason: 'Dead (code 190)', code: '190' })).toMatchObject({
      message: { status: 'queued', error: 'It waits for a new access token: Dead (code 190).' }, next: { attempts: 0 },
    });
  });

  it('knows what was never called from what was, and is not called this time', () => {
    const released = (attempts: number) => decideOutcome(claimed({ attempts }), { kind: 'released', afterMs: 0 }, NOW, 0.5).next;
    expect(released(1)).toMatchObject({ status: 'queued', attempts: 0, attemptedAt: null });
    expect(released(2)).toMatchObject({ status: 'queued', attempts: 1, attemptedAt: NOW });
    expect(decide(temporary).next).toMatchObject({ attemptedAt: NOW });
  });

  it('stands as it stood before a try that does not count, where one before that may have arrived', () => {
    const earlier = { attemptedAt: minutesAgo(1), lookups: 2 };
    const pause = { forMs: 60_000, scope: 'account', reason: 'Too many.' } as const;
    const uncounted = [
      { kind: 'paused', reason: 'Too many (code 17)', code: '17', pause }, { kind: 'dead_token', reason: 'Dead (code 190)', code: '190' }, noWay,
      { kind: 'released', afterMs: 0 },
    ] as const;
    for (const outcome of uncounted) expect(decideOutcome(claimed({ attempts: 2, earlier }), outcome, NOW, 0.5).next).toMatchObject({ attempts: 1, ...earlier });
    expect(decide(temporary, { attempts: 2, earlier }).next).toMatchObject({ attempts: 2, attemptedAt: NOW, lookups: 1 });
  });

  it('lets a private reply pass for uncalled that waits for its hour’s limit after a try that did not arrive', () => {
    const released = (afterMs: number, recipient: object) =>
      decideOutcome(claimed({ attempts: 2, request: { recipient, message: { text: 'hi' } } }), { kind: 'released', afterMs }, NOW, 0.5).next;
    expect(released(3_600_000, { comment_id: '9' })).toMatchObject({ attempts: 1, attemptedAt: null });
    expect(released(1_000, { comment_id: '9' })).toMatchObject({ attempts: 1, attemptedAt: NOW });
    expect(released(3_600_000, { id: '1' })).toMatchObject({ attempts: 1, attemptedAt: NOW });
  });

  it('notes what is odd about a success', () => {
    expect(decide({ kind: 'sent', messageId: null, recipientId: '', note: 'It counts as done.' })).toEqual({
      message: { accountId: '17', id: 'm', status: 'sent', externalId: null, sentAt: NOW, error: 'It counts as done.' }, next: null,
    });
  });
});
