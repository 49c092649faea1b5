import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import { MOST_UNSETTLED } from './delivery.policy.js';

const people = (count: number, from = 1) => Array.from({ length: count }, (_, i) => String(from + i));

describe('replies that want to go as soon as they are committed, and the places there are, on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
    bed.deliver.open();
  });
  afterEach(async () => {
    await bed.close();
  });

  async function statusOf(person: string): Promise<string | undefined> {
    return (await bed.inConversation(person))[0]?.status;
  }

  it('do not overtake what the account has waiting', async () => {
    const goOn = bed.sender.hold();
    for (const person of people(8, 50)) await bed.queue(person, [`hello ${person}`]);
    const sending = bed.send();
    while (bed.sender.calls.length === 0) await new Promise(setImmediate);
    await bed.decide(['1']);
    expect(await statusOf('1')).toBe('queued');
    goOn();
    await sending;
    await bed.send();
    expect(bed.sender.texts).toHaveLength(9);
    expect(bed.sender.texts.at(-1)).toBe('reply to 1');
  });

  it('are not held up by what waits behind another of its own conversation', async () => {
    const goOn = bed.sender.hold();
    await bed.queue('9', ['first', 'second']);
    const sending = bed.send();
    while (bed.sender.calls.length === 0) await new Promise(setImmediate);
    await bed.decide(['1']);
    expect(await statusOf('1')).toBe('sending');
    goOn();
    await sending;
    await bed.send();
    expect(bed.sender.texts).toEqual(['first', 'reply to 1', 'second']);
  });

  it('are queued where the account may not simply send, where they are to wait, and where nobody sends', async () => {
    await bed.decide(['1'], { sendsFreely: false });
    await bed.decide(['2'], { delayMs: 5_000 });
    await bed.deliver.stop();
    await bed.decide(['3']);
    expect([await statusOf('1'), await statusOf('2'), await statusOf('3')]).toEqual(['queued', 'queued', 'queued']);
    expect(bed.sender.calls).toEqual([]);
  });

  it('are as many at once as the account may have under way; the others are queued, and follow', async () => {
    const goOn = bed.sender.hold();
    await bed.decide(people(MOST_UNSETTLED + 8));
    await bed.decide(people(4, 100));
    const under = bed.sender.calls.length;
    expect(under).toBeGreaterThan(0);
    expect(under).toBeLessThanOrEqual(MOST_UNSETTLED);
    goOn();
    await bed.send();
    expect(new Set(bed.sender.texts).size).toBe(MOST_UNSETTLED + 12);
    expect(bed.sender.texts).toHaveLength(MOST_UNSETTLED + 12);
  });

  it('come to nothing with their transaction, and leave their places to others', async () => {
    for (let nth = 0; nth < 3 * MOST_UNSETTLED; nth++) {
      await expect(bed.decide(people(4), { fails: true })).rejects.toThrow('comes to nothing');
    }
    await bed.deliver.idle();
    expect(bed.sender.calls).toEqual([]);
    await bed.decide(people(4));
    await bed.deliver.idle();
    expect(bed.sender.calls).toHaveLength(4);
  });

  it('counts what is unsettled elsewhere, by another instance, against the account', async () => {
    await bed.queue('50', ['hello']);
    for (const person of people(MOST_UNSETTLED - 1, 60)) await bed.queue(person, ['hello']);
    expect(await bed.claims.execute(ACCOUNT, MOST_UNSETTLED)).toMatchObject({ kind: 'claimed' });
    await bed.decide(['1']);
    expect(await statusOf('1')).toBe('queued');
  });
});
