import { describe, expect, it, jest } from '@jest/globals';
import { AccountPump, type PumpTools } from './account-pump.js';
import { ConversationRun } from './conversation-runs.js';
import type { ClaimedMessage } from './outbox-message.js';
import type { Attempt } from './outcome.recorder.js';
import { Ramp } from './ramp.js';
import { SendsInHand } from './sends-in-hand.js';

const ACCOUNT = '17841400000000001';

function claimed(id: number): ClaimedMessage {
  const at = new Date();
  return {
    id, accountId: ACCOUNT, conversationId: `${ACCOUNT}:1`, messageId: String(id), source: 'rule', status: 'sending', attempts: 1,
    nextAttemptAt: at, attemptedAt: at, lookups: 0, sendBefore: null, createdAt: at, request: {}, error: null,
  };
}

describe('AccountPump', () => {
  it('gives back with a send that finds no place what follows it: a place that comes free meanwhile must not let that pass', async () => {
    const released: number[] = [];
    const called = jest.fn(() => Promise.reject<Attempt>(new Error('it must not be called')));
    const tools = {
      // The first finds none, and the next would.
      slots: { take: jest.fn<() => number>().mockReturnValueOnce(0).mockReturnValue(1), give: () => undefined, givenBack: () => Promise.resolve() },
      attempts: {
        execute: called,
        release: (message: ClaimedMessage): Attempt => {
          released.push(message.id);
          return { claimed: message, outcome: { kind: 'released', afterMs: 0 }, account: null, tokenHash: null, calledAt: new Date() };
        },
      },
      recorder: { record: () => Promise.resolve({ settled: false, behind: false }) },
      pauses: { isPaused: () => true },
      inHand: new SendsInHand(10),
      isStopping: () => false,
      report: () => undefined,
    } as unknown as PumpTools;
    const pump = new AccountPump(ACCOUNT, new Ramp(32), tools);
    const ended = new ConversationRun(claimed(1));
    pump.depart([2, 3].map((id) => ({ message: claimed(id), standing: { behind: ended, hasPlace: false } })));
    await pump.run();
    expect(released).toEqual([2, 3]);
    expect(called).not.toHaveBeenCalled();
    expect(tools.inHand.size).toBe(0);
  });

  it('goes on when it is rung, though the record of one hangs behind a lock and a claim has failed', async () => {
    const calls: number[] = [];
    const none = { kind: 'claimed', messages: [], drained: true, more: false };
    const claims = jest.fn<() => Promise<object>>()
      .mockResolvedValueOnce({ ...none, messages: [claimed(1)] })
      .mockRejectedValueOnce(new Error('the connection is lost'))
      .mockResolvedValueOnce({ ...none, messages: [{ ...claimed(2), conversationId: `${ACCOUNT}:2` }] })
      .mockResolvedValue(none);
    let called = (): void => undefined;
    const tools = {
      slots: { take: (_: string, most: number) => most, give: () => undefined, givenBack: () => Promise.resolve() },
      claims: { execute: claims },
      attempts: {
        execute: (message: ClaimedMessage): Promise<Attempt> => {
          calls.push(message.id);
          called();
          return Promise.resolve({ claimed: message, outcome: { kind: 'sent', messageId: 'm', recipientId: '1' }, account: null, tokenHash: null, calledAt: new Date() });
        },
      },
      recorder: { record: ({ claimed: { id } }: Attempt) => (id === 1 ? new Promise(() => undefined) : Promise.resolve({ settled: true, behind: false })) },
      pauses: { isPaused: () => false },
      inHand: new SendsInHand(10),
      isStopping: () => false,
      report: () => undefined,
    } as unknown as PumpTools;
    const pump = new AccountPump(ACCOUNT, new Ramp(32), tools);
    const first = new Promise<void>((resolve) => { called = resolve; });
    pump.ring();
    const ended = pump.run();
    await first;
    const second = new Promise<void>((resolve) => { called = resolve; });
    pump.ring(); // the claim fails
    pump.ring();
    const waiting = ended.catch((error: unknown) => error);
    await new Promise(setImmediate);
    pump.ring(); // the sweep comes by
    expect(await waiting).toMatchObject({ message: 'the connection is lost' });
    expect(pump.wantsToGoOn()).toBe(true);
    void pump.run();
    await second;
    expect(calls).toEqual([1, 2]);
  });
});
