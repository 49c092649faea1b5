import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SystemClock } from '../../common/clock.js';
import type { OutboxStatus } from './outbox-message.js';
import { OutboxWorker } from './outbox.worker.js';

describe('the sweep of the outbox', () => {
  it('goes on to the other accounts where one is in trouble, and forgets no dead instance before all of it is taken over', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const earliest = new Date(0);
    const waiting = (accountId: string, status: OutboxStatus) => ({ accountId, status, earliest });
    const refuse = (accountId: string) => (accountId === 'troubled' ? Promise.reject(new Error('a row is damaged')) : Promise.resolve(0));
    const outbox = { listWaiting: () => Promise.resolve([waiting('troubled', 'sending'), waiting('other', 'queued'), waiting('third', 'uncertain')]) };
    const [hints, doorbell, settle] = [{ add: jest.fn() }, { ringHere: jest.fn() }, { execute: jest.fn((_accountId: string) => Promise.resolve()) }];
    const lost = { markOverdue: refuse, takeOver: jest.fn((accountId: string, _instance: string) => refuse(accountId)) };
    const instances = { alive: [], silent: ['dead'], forget: jest.fn() };
    const parts = [
      {}, { read: (work: (tx: object) => unknown) => work({}) }, outbox, { inHand: new Set() }, settle, lost, hints, doorbell, {}, instances, new SystemClock(),
    ] as unknown as ConstructorParameters<typeof OutboxWorker>;
    await new OutboxWorker(...parts).sweep();
    expect(hints.add).toHaveBeenCalledWith('other');
    expect(doorbell.ringHere).toHaveBeenCalledTimes(1);
    expect(settle.execute).toHaveBeenCalledWith('third');
    expect(lost.takeOver.mock.calls).toEqual([['troubled', 'dead'], ['third', 'dead']]);
    expect(instances.forget).not.toHaveBeenCalled();
    expect(logged).toHaveBeenCalledTimes(2);
    logged.mockRestore();
  });
});
