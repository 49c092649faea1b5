import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';

const WAS_INACTIVE = 'The account was inactive after this was queued: what was queued before that is not sent.';

describe('an account that was inactive and is active again, on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });

  afterEach(async () => {
    await bed.close();
  });

  async function setAccount(status: 'active' | 'inactive', activeSince: Date | null): Promise<void> {
    await bed.database.transactions.run((tx) => bed.accounts.update(tx, ACCOUNT, { status, activeSince }));
  }

  /** Off for a moment, in which nothing was due. */
  async function offAndOn(): Promise<void> {
    await setAccount('inactive', null);
    bed.clock.pass(60);
    await setAccount('active', bed.clock.now());
  }

  it('begins no further call once it is off, whatever was claimed before', async () => {
    bed.deliver.open();
    const goOn = bed.sender.hold();
    await bed.decide(['1', '1', '1']);
    while (bed.sender.calls.length < 1) await new Promise(setImmediate);
    await setAccount('inactive', null);
    bed.account = { status: 'inactive' };
    goOn();
    await bed.deliver.idle();
    bed.clock.pass(1);
    await bed.send();
    expect(bed.sender.calls).toHaveLength(1);
    expect((await bed.inConversation('1')).map(({ status, error }) => [status, error])).toEqual([
      ['failed', 'The account is inactive: nothing is sent for it.'], ['failed', 'The account is inactive: nothing is sent for it.'], ['sent', null],
    ]);
    expect(await bed.waiting()).toEqual([]);
  });

  it('sends nothing that was queued before, whenever it comes due', async () => {
    bed.sender.answer = () => ({ kind: 'retry', retryAfterMs: 600_000, reason: 'Busy', code: '2' });
    await bed.queue('1', ['before']);
    await bed.send();
    bed.sender.answer = () => ({ kind: 'unknown', reason: 'no answer' });
    await bed.queue('2', ['uncertain']);
    await bed.send();
    const calls = bed.sender.calls.length;
    await offAndOn();
    // Not there: it would be sent again.
    await bed.settle.execute(ACCOUNT);
    bed.clock.pass(5);
    await bed.settle.execute(ACCOUNT);
    await bed.send();
    bed.clock.pass(600);
    await bed.send();
    expect(bed.sender.calls).toHaveLength(calls);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'failed', error: `${WAS_INACTIVE} Before that: Busy; it is tried again by itself.` });
    expect((await bed.inConversation('2'))[0]).toMatchObject({ status: 'failed', error: expect.stringContaining(WAS_INACTIVE) });
    expect(await bed.waiting()).toEqual([]);
  });

  it('fails with the first that comes due what is not due yet, so that nothing new waits behind it', async () => {
    bed.sender.answer = () => ({ kind: 'retry', retryAfterMs: 600_000, reason: 'Busy', code: '2' });
    await bed.queue('1', ['later']);
    await bed.send();
    bed.sender.answer = () => sent('mid.1');
    await bed.queue('2', ['before']);
    await offAndOn();
    await bed.queue('1', ['by hand'], { source: 'manual' });
    await bed.send();
    expect(bed.sender.texts).toEqual(['later', 'by hand']);
    expect(await bed.waiting()).toEqual([]);
  });

  it('sends what is queued from that millisecond on, in the same conversation too', async () => {
    await bed.queue('1', ['before']);
    await offAndOn();
    await bed.queue('1', ['by hand'], { source: 'manual' });
    await bed.queue('2', ['reply']);
    await bed.send();
    expect(bed.sender.texts.toSorted()).toEqual(['by hand', 'reply']);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sent', 'failed']);
    expect(await bed.waiting()).toEqual([]);
  });
});
