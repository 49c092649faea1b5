import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';

const MINUTE_MS = 60_000;

describe('automatic replies that have waited', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });

  afterEach(async () => {
    await bed.close();
  });

  const inMinutes = (minutes: number) => new Date(bed.clock.now().getTime() + minutes * MINUTE_MS);

  it.each([
    ['a person has taken over', () => ({ takeoverUntil: inMinutes(30) }), 'Not sent: a person has written to the customer since it was queued.'],
    ['the customer has opted out', () => ({ optedOut: true }), 'Not sent: the customer has opted out of automatic answers since it was queued.'],
    [
      'an operator has paused it', () => ({ automationPaused: true, automationReason: 'operator' }),
      'Not sent: automation has been paused in the conversation since it was queued (operator).',
    ],
  ])('are not sent once %s, but what a person queued is', async (_, change, error) => {
    await bed.queue('1', ['one', 'two']);
    await bed.queue('1', ['by hand'], { source: 'manual' });
    await bed.queue('2', ['to another']);
    await bed.setConversation('1', change());
    await bed.send();
    expect([...bed.sender.texts].sort()).toEqual(['by hand', 'to another']);
    expect((await bed.inConversation('1')).map((message) => [message.text, message.status, message.error])).toEqual([
      ['by hand', 'sent', null], ['two', 'failed', error], ['one', 'failed', error],
    ]);
    expect(await bed.waiting()).toEqual([]);
  });

  it('are not sent either when the person has come and gone meanwhile; what was decided after that is', async () => {
    await bed.queue('1', ['before']);
    await bed.setConversation('1', { takeoverUntil: inMinutes(30) });
    bed.clock.pass(31 * 60);
    await bed.queue('1', ['after']);
    await bed.send();
    expect(bed.sender.texts).toEqual(['after']);
  });

  it('are not sent either when an operator’s pause has come and gone meanwhile; what was decided after that is, and all if the operator resumes', async () => {
    await bed.queue('1', ['before']);
    await bed.setConversation('1', { automationPaused: true, automationPausedUntil: inMinutes(5), automationReason: 'operator' });
    await bed.queue('2', ['resumed']);
    await bed.setConversation('2', { automationPaused: false, automationPausedUntil: null, automationReason: null });
    bed.clock.pass(6 * 60);
    await bed.queue('1', ['after']);
    await bed.send();
    expect([...bed.sender.texts].sort()).toEqual(['after', 'resumed']);
    expect((await bed.inConversation('1')).at(-1)).toMatchObject({ text: 'before', status: 'failed', error: expect.stringMatching(/paused .*\(operator\)/) });
  });

  it('are not tried again after the person has come, though the first attempt was under way by then', async () => {
    bed.sender.answer = async ({ body }) => {
      await bed.setConversation('1', { takeoverUntil: inMinutes(30) });
      return bed.sender.calls.length === 1 ? { kind: 'retry', retryAfterMs: 1_000, code: '2', reason: 'try again' } : sent(JSON.stringify(body));
    };
    await bed.queue('1', ['one']);
    await bed.send();
    bed.clock.pass(2);
    await bed.send();
    expect(bed.sender.texts).toEqual(['one']);
    const [message] = await bed.inConversation('1');
    expect(message?.status).toBe('failed');
    expect(message?.error).toContain('a person has written');
  });

  it('go by the hundred, however few calls there is room for, and leave what is wanted where it stands', async () => {
    for (let person = 0; person < 60; person++) {
      await bed.queue(String(person), ['one', 'two', 'three']);
      if (person % 3 === 0) await bed.queue(String(person), ['by hand'], { source: 'manual' });
      if (person !== 7) await bed.setConversation(String(person), { optedOut: true });
    }
    const claim = await bed.claims.execute(ACCOUNT, 1);
    expect(claim).toMatchObject({ kind: 'claimed', messages: [], more: true });
    const left = await bed.database.dataSource.query<unknown[]>(
      "SELECT source, status, COUNT(*) AS n FROM outbox_messages GROUP BY source, status ORDER BY source",
    );
    expect(left).toEqual([{ source: 'manual', status: 'queued', n: 20 }, { source: 'rule', status: 'queued', n: 3 }]);
    await bed.send();
    expect([...bed.sender.texts].sort()).toEqual([...Array.from({ length: 20 }, () => 'by hand'), 'one', 'three', 'two']);
  });

  it('are kept, so that a person can have them sent all the same', async () => {
    const [message] = await bed.queue('1', ['one']);
    await bed.setConversation('1', { optedOut: true });
    await bed.send();
    const kept = await bed.database.transactions.run((tx) => bed.failures.lock(tx, ACCOUNT, message!));
    expect(kept).toMatchObject({ mayHaveArrived: false, request: { message: { text: 'one' } } });
  });
});
