import { describe, expect, it } from '@jest/globals';
import type { Account, AccountDirectory } from '../../accounts/index.js';
import { NoTelemetry } from '../../common/telemetry.js';
import { FakeSender, sent } from '../../../test/support/fake-sender.js';
import { MovedClock } from '../../../test/support/outbox-bed.js';
import type { SendOutcome } from '../message-sender.port.js';
import type { Pace } from '../pace/pace.port.js';
import { AccountPauses } from './account-pauses.js';
import { AttemptSend } from './attempt-send.js';
import type { ClaimedMessage } from './outbox-message.js';

const unreached: SendOutcome = { kind: 'unreached', reason: 'Graph could not be reached (ENOTFOUND)', code: 'ENOTFOUND' };

describe('AttemptSend', () => {
  /** @returns how many passes stay counted */
  async function passesAfter(outcome: SendOutcome, { standsStillMs = 0, pausesMeanwhile = false } = {}): Promise<number> {
    const clock = new MovedClock();
    const pauses = new AccountPauses(() => clock.now().getTime());
    const sender = new FakeSender();
    sender.answer = () => outcome;
    let counted = 0;
    const pace = {
      take: () => {
        counted++;
        clock.pass(standsStillMs / 1000);
        if (pausesMeanwhile) pauses.pause('1', 1_000);
        return Promise.resolve({ granted: true, giveBack: () => counted-- });
      },
    } as unknown as Pace;
    const directory = { find: () => Promise.resolve({}), accessToken: () => Promise.resolve('token') } as unknown as AccountDirectory;
    const claimed = { accountId: '1', attemptedAt: clock.now(), request: { recipient: { comment_id: '2' } } } as unknown as ClaimedMessage;
    await new AttemptSend(directory, pace, pauses, sender, new NoTelemetry(), clock).execute(claimed);
    return counted;
  }

  it('gives back the pass of a call that reached nobody, or was not made', async () => {
    expect(await passesAfter(unreached)).toBe(0);
    expect(await passesAfter(sent('mid.1'), { standsStillMs: 6_000 })).toBe(0);
    expect(await passesAfter(sent('mid.1'), { pausesMeanwhile: true })).toBe(0);
  });

  it.each<[string, SendOutcome]>([
    ['sent', sent('mid.1')],
    ['refused', { kind: 'retry', retryAfterMs: null, reason: 'x', code: '2' }],
    ['uncertain', { kind: 'unknown', reason: 'x' }],
  ])('keeps the pass of what was %s: Meta may have counted it', async (_, outcome) => {
    expect(await passesAfter(outcome)).toBe(1);
  });

  it.each<[string, Partial<Account>]>([
    ['switched off', { status: 'inactive' }],
    ['found to have a dead token', { tokenStatus: 'invalid' }],
    ['asked to make no calls', { sendingPausedUntil: new Date('2026-11-24T10:05:00.000Z') }],
  ])('calls nothing more for an account that was %s since the claim', async (_, account) => {
    const clock = new MovedClock();
    const sender = new FakeSender();
    const pace = { take: () => Promise.reject(new Error('no pass is asked for')) } as unknown as Pace;
    const directory = { find: () => Promise.resolve(account), accessToken: () => Promise.resolve('token') } as unknown as AccountDirectory;
    const claimed = { accountId: '1', attemptedAt: clock.now(), request: {} } as unknown as ClaimedMessage;
    const attempts = new AttemptSend(directory, pace, new AccountPauses(() => 0), sender, new NoTelemetry(), clock);
    expect((await attempts.execute(claimed)).outcome).toMatchObject({ kind: 'released' });
    expect(sender.calls).toEqual([]);
  });
});
