import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent, textOf } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import type { SendOutcome } from '../message-sender.port.js';

describe('uncertain sends, on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });

  afterEach(async () => {
    await bed.close();
  });

  it('settles an uncertain send by Instagram’s record: found is sent, never sent again', async () => {
    await bed.queue('1', ['hello', 'next']);
    bed.sender.answer = (request) => (textOf(request) === 'hello' ? { kind: 'unknown', reason: 'timeout' } : sent('mid.next'));
    await bed.send();
    expect((await bed.inConversation('1')).map((one) => one.status)).toEqual(['queued', 'uncertain']);
    const older = new Date(bed.clock.now().getTime() - 60_000);
    bed.external = [
      { id: 'mid.9', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: bed.clock.now() },
      { id: 'mid.8', fromId: '1', text: 'hello', hasAttachments: false, createdAt: bed.clock.now() },
      { id: 'mid.7', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: older },
    ];
    bed.clock.pass(1);
    await bed.settle.execute(ACCOUNT);
    await bed.send();
    expect((await bed.inConversation('1')).map((one) => [one.status, one.externalId])).toEqual([['sent', 'mid.next'], ['sent', 'mid.9']]);
    expect(bed.sender.texts).toEqual(['hello', 'next']);
  });

  it('finds by a look-up what a call before the latest had delivered, though it was refused, and does not send it once more', async () => {
    await bed.queue('1', ['hello']);
    const called = bed.clock.now();
    bed.sender.answer = () => (bed.sender.calls.length === 1
      ? { kind: 'retry', retryAfterMs: 30_000, reason: 'x', code: '2' } : { kind: 'unknown', reason: 'timeout' });
    await bed.send();
    bed.clock.pass(10);
    await bed.recordMessage('1', 'in.1', { text: 'anybody there?' });
    bed.external = [
      { id: 'in.1', fromId: '1', text: 'anybody there?', hasAttachments: false, createdAt: bed.clock.now() },
      { id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: called },
    ];
    bed.clock.pass(21);
    await bed.send();
    for (let seconds = 0; seconds < 30; seconds++) {
      bed.clock.pass(1);
      await bed.settle.execute(ACCOUNT);
      await bed.send();
    }
    expect(bed.sender.calls).toHaveLength(2);
    expect((await bed.inConversation('1')).find(({ direction }) => direction === 'outbound')).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });

  it('sends again only after two look-ups without it, the last of them late enough', async () => {
    await bed.queue('1', ['hello']);
    bed.sender.answer = () => (bed.sender.calls.length === 1 ? { kind: 'unknown', reason: 'reset' } : sent('mid.2'));
    await bed.send();
    let seconds = 0;
    while ((await bed.waiting()).some((group) => group.status === 'uncertain')) {
      bed.clock.pass(1);
      seconds++;
      await bed.settle.execute(ACCOUNT);
    }
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThan(30);
    expect(bed.sender.calls).toHaveLength(1);
    await bed.send();
    expect(bed.sender.texts).toEqual(['hello', 'hello']);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.2' });
  });

  it('after a crash looks up what was being sent, instead of sending it', async () => {
    await bed.queue('1', ['hello']);
    expect((await bed.claims.execute(ACCOUNT, 1)).kind).toBe('claimed'); // and the process dies
    await bed.lost.markOverdue(ACCOUNT, new Set(), []);
    expect((await bed.inConversation('1'))[0]?.status).toBe('sending'); // another process may still be on it
    await bed.lost.markAll(ACCOUNT);
    expect((await bed.inConversation('1'))[0]?.status).toBe('uncertain');
    bed.external = [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: bed.clock.now() }];
    bed.clock.pass(2);
    await bed.settle.execute(ACCOUNT);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
    expect(bed.sender.calls).toHaveLength(0);
  });

  describe('uncertain sends of which nothing can be learnt', () => {
    const unknown: SendOutcome = { kind: 'unknown', reason: 'The call broke off' };

    /** Until it is settled; the minutes that took. */
    async function minutesUntilSettled(): Promise<number> {
      let minutes = 0;
      for (; minutes < 60 && (await bed.waiting()).length > 0; minutes++) {
        bed.clock.pass(60);
        await bed.settle.execute(ACCOUNT);
        await bed.send();
      }
      return minutes;
    }

    it.each([
      ['no look-up is answered', () => { bed.record = () => null; }, 14],
      ['the token is dead', () => { bed.account = { tokenStatus: 'invalid' }; }, 0],
      ['Instagram shows only what came after it', () => {
        const messages = Array.from({ length: 25 }, (_, i) => ({ id: String(i), fromId: i < 20 ? '1' : null, text: 'new', hasAttachments: false, createdAt: i < 20 ? bed.clock.now() : null }));
        bed.record = () => ({ messages, isComplete: false, clockAheadMs: 0 });
      }, 14],
    ])('fails after 15 minutes and is not sent again: %s', async (_, arrange, lookups) => {
      await bed.queue('1', ['hello']);
      bed.sender.answer = () => unknown;
      await bed.send();
      arrange();
      expect(await minutesUntilSettled()).toBe(15);
      expect(bed.sender.calls).toHaveLength(1);
      expect(bed.lookups.length).toBeGreaterThanOrEqual(lookups);
      expect(bed.lookups.length).toBeLessThanOrEqual(lookups * 2);
      expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('the customer may have it') });
    });

    it('is looked up by the new token when the old one is replaced in time', async () => {
      await bed.queue('1', ['hello']);
      bed.sender.answer = () => unknown;
      await bed.send();
      bed.account = { tokenStatus: 'invalid' };
      bed.clock.pass(60);
      await bed.settle.execute(ACCOUNT);
      expect(bed.lookups).toEqual([]);
      bed.account = { tokenStatus: 'unknown' };
      bed.external = [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: bed.clock.at }];
      bed.clock.pass(60);
      await bed.settle.execute(ACCOUNT);
      expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
    });

    it('a pause keeps look-ups away until shortly before it is given up', async () => {
      await bed.queue('1', ['hello']);
      bed.sender.answer = () => unknown;
      await bed.send();
      bed.account = { sendingPausedUntil: new Date('2999-01-01') };
      bed.record = () => null;
      expect(await minutesUntilSettled()).toBe(15);
      expect(bed.lookups).toHaveLength(1);
    });
  });

  it('makes one of a send and its echo, though the clocks are apart', async () => {
    await bed.queue('1', ['hello', 'next']);
    bed.sender.answer = (request) => (textOf(request) === 'hello' ? { kind: 'unknown', reason: 'timeout' } : sent('mid.next'));
    await bed.send();
    const theirs = new Date(bed.clock.at.getTime() - 60_000);
    const matches = await bed.matchEchoes([bed.echo('1', 'mid.1', 'hello', theirs)]);
    expect(matches.find(ACCOUNT, 'mid.1')).toBeUndefined();
    await bed.recordMessage('1', 'mid.1', { direction: 'outbound', status: 'sent', text: 'hello' });
    bed.record = () => ({
      messages: [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: theirs }], isComplete: true, clockAheadMs: -60_000,
    });
    bed.clock.pass(1);
    await bed.settle.execute(ACCOUNT);
    await bed.send();
    expect((await bed.inConversation('1')).map((one) => [one.status, one.externalId])).toEqual([['sent', 'mid.next'], ['sent', 'mid.1']]);
    expect(bed.sender.texts).toEqual(['hello', 'next']);
  });

  it('does again at once what is the same done twice', async () => {
    await bed.queueRequest('1', { recipient: { id: '1' }, sender_action: 'react', payload: { message_id: 'mid.in', reaction: 'love' } });
    bed.sender.answer = () => (bed.sender.calls.length === 1 ? { kind: 'unknown', reason: 'reset' } : { kind: 'sent', messageId: null, recipientId: '1' });
    await bed.send();
    bed.clock.pass(2);
    await bed.send();
    expect(bed.sender.calls).toHaveLength(2);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: null });
  });

  it('waits for the echo when so many messages have come since that the record no longer reaches back to it', async () => {
    await bed.queue('1', ['hello']);
    bed.sender.answer = () => (bed.sender.calls.length === 1 ? { kind: 'unknown', reason: 'reset' } : sent('mid.2'));
    await bed.send();
    bed.clock.pass(1);
    const later = Array.from({ length: 20 }, (_, nth) => ({ id: `in.${String(nth)}`, fromId: '1', text: 'hello?', hasAttachments: false, createdAt: bed.clock.now() }));
    bed.external = [...later, { id: 'mid.1', fromId: null, text: null, hasAttachments: false, createdAt: null }];
    for (let seconds = 0; seconds < 60; seconds++) {
      bed.clock.pass(1);
      await bed.settle.execute(ACCOUNT);
    }
    expect((await bed.inConversation('1'))[0]?.status).toBe('uncertain');
    const matches = await bed.matchEchoes([bed.echo('1', 'mid.1', 'hello')]);
    expect(matches.find(ACCOUNT, 'mid.1')).toBeDefined();
    await bed.send();
    expect(bed.sender.calls).toHaveLength(1);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });

  it('knows by a message it had recorded before that the record reaches back', async () => {
    await bed.queue('1', ['hello']);
    await bed.recordMessage('1', 'in.0', { text: 'came before the call' });
    bed.clock.pass(1);
    bed.sender.answer = () => (bed.sender.calls.length === 1 ? { kind: 'unknown', reason: 'reset' } : sent('mid.2'));
    await bed.send();
    bed.external = Array.from({ length: 20 }, (_, nth) => ({ id: `in.${String(19 - nth)}`, fromId: '1', text: 'hi', hasAttachments: false, createdAt: bed.clock.now() }));
    for (let seconds = 0; seconds < 30; seconds++) {
      bed.clock.pass(1);
      await bed.settle.execute(ACCOUNT);
    }
    await bed.send();
    expect(bed.sender.texts).toEqual(['hello', 'hello']);
  });

  it('after a long outage gives evidence its time, counted from when it can be asked for', async () => {
    await bed.queue('1', ['hello']);
    await bed.claims.execute(ACCOUNT, 1); // and the process dies
    bed.clock.pass(40 * 60);
    const restarted = bed.newSettle();
    await bed.lost.markAll(ACCOUNT);
    bed.clock.pass(1);
    bed.record = () => null;
    await restarted.execute(ACCOUNT);
    expect((await bed.inConversation('1'))[0]?.status).toBe('uncertain');
    bed.record = () => ({
      messages: [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: bed.clock.now() }], isComplete: true, clockAheadMs: 0,
    });
    bed.clock.pass(10);
    await restarted.execute(ACCOUNT);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });

  it('looks up at once what the process that died had claimed to look up', async () => {
    await bed.queue('1', ['hello']);
    bed.sender.answer = () => ({ kind: 'unknown', reason: 'reset' });
    await bed.send();
    bed.clock.pass(1);
    const until = new Date(bed.clock.now().getTime() + 20_000);
    await bed.database.transactions.run((tx) => bed.attempted.claimLookups(tx, ACCOUNT, bed.clock.now(), until, 10)); // and the process dies
    await bed.lost.resumeLookups(ACCOUNT);
    bed.external = [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: bed.clock.now() }];
    await bed.settle.execute(ACCOUNT);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });
});
