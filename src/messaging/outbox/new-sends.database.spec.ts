import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, OutboxBed, sent, type FakeSender } from '../../../test/support/outbox-bed.js';
import { MOST_UNSETTLED } from './delivery.policy.js';

/** Answers nothing until it is told to. */
function hold(sender: FakeSender): () => void {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  sender.answer = async () => {
    await opened;
    return sent(`mid.${String(sender.calls.length)}.${String(Math.random())}`);
  };
  return open;
}

const people = (count: number, from = 1) => Array.from({ length: count }, (_, i) => String(from + i));

describe('replies that go as soon as they are committed, on a database', () => {
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

  it('are claimed with the decision, and sent without anybody being rung', async () => {
    await bed.decide(['1', '2']);
    await bed.deliver.idle();
    expect(bed.sender.texts.toSorted()).toEqual(['reply to 1', 'reply to 2']);
    expect([await statusOf('1'), await statusOf('2')]).toEqual(['sent', 'sent']);
    expect(await bed.waiting()).toEqual([]);
  });

  it('stand as sending, with the instance that has them in hand, while they are under way', async () => {
    const goOn = hold(bed.sender);
    await bed.decide(['1']);
    expect(await statusOf('1')).toBe('sending');
    expect((await bed.waiting()).map(({ status }) => status)).toEqual(['sending']);
    expect([...bed.deliver.inFlight]).toHaveLength(1);
    goOn();
    await bed.deliver.idle();
    expect(await statusOf('1')).toBe('sent');
  });

  it('are taken over by another instance should this one die', async () => {
    const goOn = hold(bed.sender);
    await bed.decide(['1']);
    expect(await bed.lost.takeOver(ACCOUNT, bed.me.value)).toBe(1);
    expect(await statusOf('1')).toBe('uncertain');
    goOn();
  });

  it('wait behind what is unsettled in their conversation, and go when that is settled', async () => {
    const goOn = hold(bed.sender);
    await bed.decide(['1']);
    const [second] = await bed.decide(['1']);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ id: second, status: 'queued' });
    goOn();
    await bed.send();
    expect(bed.sender.texts).toEqual(['reply to 1', 'reply to 1']);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sent', 'sent']);
  });

  it('do not overtake what the account has waiting', async () => {
    const goOn = hold(bed.sender);
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
    const goOn = hold(bed.sender);
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
    const goOn = hold(bed.sender);
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
