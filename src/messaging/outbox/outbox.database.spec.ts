import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent, textOf } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import type { SendOutcome } from '../message-sender.port.js';

describe('the outbox on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });

  afterEach(async () => {
    await bed.close();
  });

  it('claims each send once, and only the oldest of each conversation, however many claim at once', async () => {
    for (let person = 1; person <= 12; person++) await bed.queue(String(person), ['first', 'second']);
    const claimed = await Promise.all(Array.from({ length: 8 }, () => bed.claims.execute(ACCOUNT, 3)));
    const all = claimed.flatMap((claim) => (claim.kind === 'claimed' ? claim.messages : []));
    expect(all).toHaveLength(12);
    expect(new Set(all.map((one) => one.id)).size).toBe(12);
    expect(new Set(all.map((one) => one.conversationId)).size).toBe(12);
    expect(all.every((one) => JSON.stringify(one.request).includes('first'))).toBe(true);
  });

  it('sends a conversation in order, one after the other, and leaves nothing behind', async () => {
    await bed.queue('1', ['a', 'b', 'c']);
    await bed.queue('2', ['d']);
    await bed.send();
    expect(bed.sender.texts.filter((text) => text !== 'd')).toEqual(['a', 'b', 'c']);
    expect(bed.sender.texts).toContain('d');
    expect((await bed.inConversation('1')).map((one) => one.status)).toEqual(['sent', 'sent', 'sent']);
    expect(await bed.waiting()).toEqual([]);
  });

  it('fails what came too late, and goes on with the next', async () => {
    await bed.queue('1', ['late'], { sendBefore: bed.clock.now() });
    const [next] = await bed.queue('1', ['in time']);
    await bed.send();
    expect(bed.sender.texts).toEqual(['in time']);
    const [newest, oldest] = await bed.inConversation('1');
    expect(newest).toMatchObject({ id: next, status: 'sent' });
    expect(oldest?.status).toBe('failed');
    expect(oldest?.error).toMatch(/not sent in time/);
  });

  it('keeps an outcome the database did not take, and does not send again', async () => {
    await bed.queue('1', ['once']);
    let failures = 3;
    const original = bed.messages.recordOutcomes.bind(bed.messages);
    bed.messages.recordOutcomes = async (tx, outcomes) => {
      if (failures-- > 0) throw Object.assign(new Error('the database is away'), { code: 'PROTOCOL_CONNECTION_LOST' });
      await original(tx, outcomes);
    };
    await bed.send();
    expect(bed.sender.calls).toHaveLength(1);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });

  it('stops the account whose token is dead, and sends when it has a new one', async () => {
    await bed.queue('1', ['hello']);
    bed.sender.answer = () => ({ kind: 'dead_token', reason: 'expired', code: '190' });
    await bed.send();
    const token = async () => (await bed.storedAccount())?.tokenStatus;
    expect(await token()).toBe('invalid');
    bed.clock.pass(60);
    await bed.send();
    expect(bed.sender.calls).toHaveLength(1);
    expect((await bed.inConversation('1'))[0]?.status).toBe('queued');
    await bed.database.dataSource.query("UPDATE instagram_business_accounts SET token_status = 'unknown'");
    bed.sender.answer = () => sent('mid.new');
    bed.clock.pass(60);
    await bed.send();
    expect((await bed.inConversation('1'))[0]?.status).toBe('sent');
  });

  it('finds a token dead by a handful of calls, and a new one good by one', async () => {
    for (let person = 1; person <= 40; person++) await bed.queue(String(person), ['hello']);
    let [underWay, most] = [0, 0];
    const answer = async (outcome: SendOutcome): Promise<SendOutcome> => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay--;
      return outcome;
    };
    bed.sender.answer = () => answer({ kind: 'dead_token', reason: 'expired', code: '190' });
    await bed.send();
    expect(bed.sender.calls.length).toBeLessThanOrEqual(4);
    const spent = bed.sender.calls.length;
    await bed.database.dataSource.query("UPDATE instagram_business_accounts SET token_status = 'unknown'");
    bed.clock.pass(60);
    most = 0;
    bed.sender.answer = async () => {
      const call = bed.sender.calls.length - spent;
      const outcome = await answer(sent(`mid.${String(call)}`));
      if (call === 1) {
        expect(most).toBe(1);
        // What the recorder would write, were its directory not this spec's.
        await bed.database.dataSource.query("UPDATE instagram_business_accounts SET token_status = 'valid'");
      }
      return outcome;
    };
    await bed.send();
    expect(bed.sender.calls).toHaveLength(spent + 40);
    expect(most).toBeGreaterThan(4);
    expect(await bed.waiting()).toEqual([]);
  });

  it('takes an echo that is faster than the answer for the send, and the second of two equal texts for somebody else’s', async () => {
    const [first, second] = await bed.queue('1', ['same', 'same']);
    bed.sender.answer = async (request) => {
      if (bed.sender.calls.length > 1) return sent('mid.2');
      const matches = await bed.matchEchoes([bed.echo('1', 'mid.1', textOf(request)), bed.echo('1', 'mid.other', textOf(request))]);
      expect(matches.find(ACCOUNT, 'mid.1')).toBe(first);
      expect(matches.find(ACCOUNT, 'mid.other')).toBeUndefined();
      return sent('mid.1');
    };
    await bed.send();
    const known = await bed.matchEchoes([bed.echo('1', 'mid.1', 'same'), bed.echo('1', 'mid.2', 'same')]);
    expect([known.find(ACCOUNT, 'mid.1'), known.find(ACCOUNT, 'mid.2')]).toEqual([first, second]);
    expect(known.find('17841400000000002', 'mid.1')).toBeUndefined();
    expect((await bed.inConversation('1')).map((one) => [one.externalId, one.status])).toEqual([['mid.2', 'sent'], ['mid.1', 'sent']]);
    expect(bed.sender.calls).toHaveLength(2);
  });

  it('makes one of a send and the echo that was recorded as somebody else’s before', async () => {
    await bed.queue('1', ['hello']);
    bed.sender.answer = async () => {
      await bed.recordMessage('1', 'mid.1', { direction: 'outbound', status: 'sent', text: 'hel…' });
      await bed.recordMessage('1', 'mid.after', { text: 'after' });
      return sent('mid.1');
    };
    await bed.send();
    expect((await bed.inConversation('1')).map((one) => [one.position, one.text, one.externalId])).toEqual([
      [2, 'after', 'mid.after'], [1, 'hello', 'mid.1'],
    ]);
    expect((await bed.conversation('1'))?.messageCount).toBe(2);
  });

  it('does not take the message of an earlier send for an echo when Graph gives one id twice', async () => {
    await bed.queue('1', ['a', 'b']);
    bed.sender.answer = () => sent('mid.same');
    await bed.send();
    expect((await bed.inConversation('1')).map((one) => [one.text, one.status])).toEqual([['b', 'sent'], ['a', 'sent']]);
  });

  describe('pauses of the account', () => {
    const paused = (forMs: number): SendOutcome => ({
      kind: 'paused', reason: 'Too many calls', code: '17', pause: { forMs, scope: 'account', reason: 'Too many calls.' },
    });

    it('keeps the rest from being called, and lets one go first when it is over', async () => {
      for (let person = 1; person <= 5; person++) await bed.queue(String(person), ['hello']);
      bed.sender.answer = () => paused(600_000);
      await bed.send();
      expect((await bed.storedAccount())?.sendingPausedUntil).toEqual(new Date(bed.clock.at.getTime() + 600_000));
      const before = bed.sender.calls.length;
      for (let minutes = 0; minutes < 9; minutes++) {
        bed.clock.pass(60);
        await bed.send();
      }
      expect(bed.sender.calls).toHaveLength(before);
      expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'queued', error: expect.stringContaining('Too many calls') });

      bed.clock.pass(61);
      await bed.send();
      expect(bed.sender.calls).toHaveLength(before + 1); // and was refused once more
      bed.clock.pass(601);
      bed.sender.answer = () => sent(`mid.${String(bed.sender.calls.length)}`);
      await bed.send();
      expect(bed.sender.calls).toHaveLength(before + 6);
      expect(await bed.storedAccount()).toMatchObject({ sendingPausedUntil: null, sendingPausedReason: null });
    });

    it('a message for which it gets too late meanwhile fails and says why', async () => {
      await bed.queue('1', ['hello'], { sendBefore: new Date(bed.clock.at.getTime() + 60_000) });
      bed.sender.answer = () => paused(600_000);
      await bed.send();
      bed.clock.pass(61);
      await bed.send();
      expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'failed', error: expect.stringMatching(/not sent in time.*Too many calls/) });
    });

    it('a shorter pause does not end a longer one, and one asked for before the account was changed is out of date', async () => {
      const pause = (minutes: number, saidAt = bed.clock.now()) => bed.database.transactions.run((tx) =>
        bed.accounts.pauseSending(tx, ACCOUNT, new Date(bed.clock.at.getTime() + minutes * 60_000), `for ${String(minutes)}`, saidAt));
      await pause(10);
      await pause(5);
      expect(await bed.storedAccount()).toMatchObject({ sendingPausedReason: 'for 10' });
      await bed.database.dataSource.query(
        "UPDATE instagram_business_accounts SET updated_at = '2026-11-24 10:00:00.000', sending_paused_until = NULL",
      );
      await pause(20, new Date(bed.clock.at.getTime() - 1));
      expect((await bed.storedAccount())?.sendingPausedUntil).toBeNull();
    });
  });

  describe('refusals that concern the conversation', () => {
    const closed: SendOutcome = { kind: 'failed', reason: 'The window is closed (code 10/2534022)', code: '10/2534022', conversation: { kind: 'closed' } };

    it('fails what rules have queued behind, without a call, and lets a person try', async () => {
      await bed.recordMessage('1', 'mid.in');
      await bed.setConversation('1', { windowClosesAt: new Date(bed.clock.at.getTime() + 3_600_000), lastInboundAt: bed.clock.now() });
      await bed.queue('1', ['a', 'b']);
      await bed.queue('1', ['by hand'], { source: 'manual' });
      bed.sender.answer = () => closed;
      await bed.send();
      expect(bed.sender.texts).toEqual(['a', 'by hand']);
      const [, b, a] = await bed.inConversation('1');
      expect(a).toMatchObject({ status: 'failed', error: 'The window is closed (code 10/2534022).' });
      expect(b).toMatchObject({ status: 'failed', error: expect.stringContaining('refused the message before it: The window is closed') });
      expect((await bed.conversation('1'))?.windowClosesAt).toEqual(bed.clock.now());
      expect(await bed.waiting()).toEqual([]);
    });

    it('is out of date when the customer has written since the call', async () => {
      await bed.queue('1', ['a', 'b']);
      bed.sender.answer = async () => {
        if (bed.sender.calls.length > 1) return sent('mid.b');
        bed.clock.pass(1);
        await bed.setConversation('1', { windowClosesAt: new Date(bed.clock.at.getTime() + 86_400_000), lastInboundAt: bed.clock.now() });
        return closed;
      };
      await bed.send();
      expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sent', 'failed']);
      expect((await bed.conversation('1'))?.windowClosesAt?.getTime()).toBeGreaterThan(bed.clock.at.getTime());
    });

    it('pauses rules for a while, and leaves a pause by a person as it is', async () => {
      bed.sender.answer = () => ({ ...closed, reason: 'Another app has it', conversation: { kind: 'paused', forMs: 3_600_000 } });
      await bed.queue('1', ['a']);
      await bed.queue('2', ['a']);
      await bed.setConversation('2', { automationPaused: true, automationPausedUntil: null, automationReason: 'operator' });
      await bed.send();
      const until = new Date(bed.clock.at.getTime() + 3_600_000);
      expect(await bed.conversation('1')).toMatchObject({ automationPaused: true, automationPausedUntil: until, automationReason: 'Another app has it' });
      expect(await bed.conversation('2')).toMatchObject({ automationPausedUntil: null, automationReason: 'operator' });
    });
  });
});
