import { describe, expect, it } from '@jest/globals';
import { MovedClock } from '../../../test/support/outbox-bed.js';
import type { Account, AccountDirectory } from '../../accounts/index.js';
import { newConversation, type ConversationRepository } from '../../conversations/index.js';
import type { TransactionRunner } from '../../database/index.js';
import type { ProfileLookup, ProfileResult } from './profile-lookup.js';
import { ProfileWorker } from './profile.worker.js';

/** One person whose name is wanted, of an account in such a state. */
function workerOf(account: Partial<Account>) {
  const clock = new MovedClock();
  const asked: string[] = [];
  const saved: unknown[] = [];
  const claims: Date[] = [];
  let answer: ProfileResult = { kind: 'found', username: 'jane', name: 'Jane' };
  const worker = new ProfileWorker(
    { run: (work: (tx: unknown) => unknown) => Promise.resolve(work({})) } as unknown as TransactionRunner,
    {
      claimNeedingProfile: (_tx: unknown, _limit: number, _before: Date, claimedAt: Date) => {
        claims.push(claimedAt);
        return Promise.resolve([newConversation('1', '9', clock.now())]);
      },
      saveProfile: (_tx: unknown, _account: string, _id: string, profile: unknown) => Promise.resolve(void saved.push(profile)),
    } as unknown as ConversationRepository,
    {
      find: () => Promise.resolve({ id: '1', status: 'active', tokenStatus: 'valid', sendingPausedUntil: null, ...account }),
      accessToken: () => Promise.resolve('token'),
    } as unknown as AccountDirectory,
    { find: (person: string) => Promise.resolve((asked.push(person), answer)) } as unknown as ProfileLookup,
    clock,
  );
  return { worker, clock, asked, saved, claims, answers: (result: ProfileResult) => (answer = result) };
}

describe('ProfileWorker', () => {
  it('learns who somebody is', async () => {
    const { worker, asked, saved, clock } = workerOf({});
    await worker.round();
    expect([asked, saved]).toEqual([['9'], [{ username: 'jane', name: 'Jane', checkedAt: clock.now() }]]);
  });

  it.each<[string, Partial<Account>]>([
    ['is inactive', { status: 'inactive' }],
    ['has a dead token', { tokenStatus: 'invalid' }],
    ['is to make no calls for a while', { sendingPausedUntil: new Date('2026-11-24T10:00:10.000Z') }],
  ])('asks nothing for an account that %s, forgets nothing, and comes back to the person in ten minutes', async (_, account) => {
    const { worker, clock, asked, saved, claims } = workerOf(account);
    await worker.round();
    expect([asked, saved]).toEqual([[], []]);
    expect(claims).toEqual([new Date(clock.now().getTime() - 7 * 86_400_000 + 10 * 60_000)]);
  });

  it('goes on when the pause is over', async () => {
    const { worker, clock, asked } = workerOf({ sendingPausedUntil: new Date('2026-11-24T10:00:10.000Z') });
    clock.pass(10);
    await worker.round();
    expect(asked).toEqual(['9']);
  });

  it('rests, for longer each time, after an answer that tells nothing', async () => {
    const { worker, clock, asked, answers } = workerOf({});
    answers({ kind: 'unanswered', reason: 'x', retryAfterMs: null });
    const rounds = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await worker.round();
        clock.pass(1);
      }
      return asked.length;
    };
    expect([await rounds(5), await rounds(10), await rounds(20)]).toEqual([1, 2, 3]);
  });

  it('rests no longer than a day, however long it is told to', async () => {
    const { worker, clock, asked, answers } = workerOf({});
    answers({ kind: 'unanswered', reason: 'x', retryAfterMs: 1e12 });
    await worker.round();
    clock.pass(86_400);
    await worker.round();
    expect(asked).toHaveLength(2);
  });
});
