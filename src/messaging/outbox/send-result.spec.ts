import { describe, expect, it } from '@jest/globals';
import type { AttemptOutcome, Decision } from './decide-outcome.js';
import { messageEndOf, sendResultOf } from './send-result.js';

const pause = { forMs: 1, scope: 'account', reason: 'x' } as const;
const failed = { kind: 'failed', reason: 'x', code: '1' } as const;

describe('sendResultOf', () => {
  it.each<[AttemptOutcome, string]>([
    [{ kind: 'sent', messageId: 'm', recipientId: '1' }, 'sent'],
    [failed, 'failed'],
    [{ ...failed, conversation: { kind: 'closed' } }, 'refused_conversation'],
    [{ ...failed, pause }, 'refused_account'],
    [{ kind: 'paused', reason: 'x', code: '4', pause }, 'paused'],
    [{ kind: 'retry', reason: 'x', code: '2', retryAfterMs: null }, 'retry'],
    [{ kind: 'unreached', reason: 'x', code: 'ECONNREFUSED' }, 'retry'],
    [{ kind: 'dead_token', reason: 'x', code: '190' }, 'dead_token'],
    [{ kind: 'unknown', reason: 'x' }, 'uncertain'],
    [{ kind: 'released', afterMs: 1 }, 'held_back'],
  ])('%j is %s', (outcome, result) => {
    expect(sendResultOf(outcome)).toBe(result);
  });
});

describe('messageEndOf', () => {
  const message = { accountId: '1', id: 'm', externalId: null, sentAt: null, error: null };
  const next = { id: 1, accountId: '1', status: 'queued', attempts: 1, lookups: 0, nextAttemptAt: new Date(0), attemptedAt: null, error: null } as const;

  it.each<[Decision, string | null]>([
    [{ message: { ...message, status: 'sent' }, next: null }, 'sent'],
    [{ message: { ...message, status: 'failed' }, next: null }, 'failed'],
    [{ message: { ...message, status: 'failed' }, next: null, mayHaveArrived: true }, 'unknown'],
    [{ message: { ...message, status: 'queued' }, next }, null],
  ])('%j is %s', (decision, end) => {
    expect(messageEndOf(decision)).toBe(end);
  });
});
