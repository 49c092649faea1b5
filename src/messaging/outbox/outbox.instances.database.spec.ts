import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import { laneOf } from '../lanes.js';

describe('the outbox beside other instances, on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });
  afterEach(async () => {
    await bed.close();
  });

  it('takes over what a dead instance was sending, and nothing of those that live', async () => {
    await bed.queue('1', ['hello']);
    expect((await bed.claims.execute(ACCOUNT, 1)).kind).toBe('claimed');
    expect(await bed.lost.takeOver(ACCOUNT, 'another')).toBe(0);
    expect((await bed.inConversation('1'))[0]?.status).toBe('sending');
    expect(await bed.lost.takeOver(ACCOUNT, bed.me.value)).toBe(1);
    expect((await bed.inConversation('1'))[0]?.status).toBe('uncertain');
    expect(await bed.lost.takeOver(ACCOUNT, bed.me.value)).toBe(0); // it is nobody's any more
  });

  it('leaves what waits behind a send to the process before it, which may not have ended yet', async () => {
    bed.deliver.open();
    const goOn = bed.sender.hold();
    await bed.decide(['1', '1']);
    while (bed.sender.calls.length < 1) await new Promise(setImmediate);
    await bed.lost.markAll(ACCOUNT); // the next one starts
    const statuses = async () => (await bed.inConversation('1')).map(({ status }) => status);
    expect(await statuses()).toEqual(['sending', 'uncertain']);
    goOn();
    await bed.deliver.idle();
    expect(await statuses()).toEqual(['sent', 'sent']);
    expect(bed.sender.calls).toHaveLength(2);
  });

  it('takes over the look-up that a dead instance had begun, which is due at once', async () => {
    await bed.queue('1', ['hello']);
    expect((await bed.claims.execute(ACCOUNT, 1)).kind).toBe('claimed');
    await bed.lost.markAll(ACCOUNT);
    bed.clock.pass(1);
    const until = new Date(bed.clock.now().getTime() + 20_000);
    const [claimed] = await bed.database.transactions.run((tx) => bed.attempted.claimLookups(tx, ACCOUNT, bed.clock.now(), until, 10));
    expect(claimed).toBeDefined(); // and the process dies
    await bed.settle.execute(ACCOUNT);
    expect(bed.lookups).toEqual([]);
    expect(await bed.lost.takeOver(ACCOUNT, bed.me.value)).toBe(1);
    await bed.settle.execute(ACCOUNT);
    expect(bed.lookups).toHaveLength(1);
  });

  it('leaves the overdue sends of an instance that lives to it, but not for ever', async () => {
    await bed.queue('1', ['hello']);
    expect((await bed.claims.execute(ACCOUNT, 1)).kind).toBe('claimed');
    bed.clock.pass(21);
    await bed.lost.markOverdue(ACCOUNT, new Set(), [bed.me.value]);
    expect((await bed.inConversation('1'))[0]?.status).toBe('sending'); // it may be recording it from memory
    bed.clock.pass(60);
    await bed.lost.markOverdue(ACCOUNT, new Set(), [bed.me.value]);
    expect((await bed.inConversation('1'))[0]?.status).toBe('uncertain');
  });

  it('finds what another process has rung for, although it knows of something in the lane itself', async () => {
    await bed.queue('1', ['hello']);
    bed.hints.take(laneOf(ACCOUNT)); // it was queued by another process
    bed.hints.addTo(laneOf(ACCOUNT), '1');
    await bed.deliver.execute(laneOf(ACCOUNT));
    await bed.deliver.idle();
    expect(bed.sender.texts).toEqual([]);
    bed.hints.addTo(laneOf(ACCOUNT), '1');
    await bed.deliver.execute(laneOf(ACCOUNT), true);
    await bed.deliver.idle();
    expect(bed.sender.texts).toEqual(['hello']);
  });
});
