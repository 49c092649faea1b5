import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { sent, textOf } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import type { SendOutcome } from '../message-sender.port.js';
import { ConversationRun } from './conversation-runs.js';
import { MOST_UNSETTLED } from './delivery.policy.js';

/** 1, 2, 3 … in the order in which they are decided. */
function numbered(prefix = ''): () => string {
  let nth = 0;
  return () => `${prefix} ${String(++nth)}`.trim();
}

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
    const goOn = bed.sender.hold();
    await bed.decide(['1']);
    expect(await statusOf('1')).toBe('sending');
    expect((await bed.waiting()).map(({ status }) => status)).toEqual(['sending']);
    expect(bed.deliver.inHand.size).toBe(1);
    goOn();
    await bed.deliver.idle();
    expect(await statusOf('1')).toBe('sent');
  });

  it('are taken over by another instance should this one die', async () => {
    const goOn = bed.sender.hold();
    await bed.decide(['1']);
    expect(await bed.lost.takeOver(ACCOUNT, bed.me.value)).toBe(1);
    expect(await statusOf('1')).toBe('uncertain');
    goOn();
  });

  it('are queued again by who takes over, but for the first of each conversation, which alone can have been called', async () => {
    const goOn = bed.sender.hold();
    await bed.decide(['1', '1', '2']);
    while (bed.sender.calls.length < 2) await new Promise(setImmediate);
    // It may live: what it has in hand behind the first, it may still call.
    expect(await bed.lost.takeOver(ACCOUNT, bed.me.value)).toBe(3);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sending', 'uncertain']);
    bed.clock.pass(11);
    expect(await bed.lost.takeOver(ACCOUNT, bed.me.value)).toBe(1);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['queued', 'uncertain']);
    expect(await statusOf('2')).toBe('uncertain');
    // It lives after all: what it had called counts, and what waited behind that is not called from here.
    goOn();
    await bed.deliver.idle();
    await bed.send();
    expect(bed.sender.textsTo('1')).toEqual(['reply to 1', 'reply to 1']);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sent', 'sent']);
  });

  it('go one after the other in a conversation, without a claim of their own', async () => {
    const goOn = bed.sender.hold();
    const claims = jest.spyOn(bed.claims, 'execute');
    await bed.decide(['1', '1'], { text: numbered() });
    await bed.decide(['2', '1'], { text: numbered('more') });
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sending', 'sending', 'sending']);
    expect(bed.sender.texts.toSorted()).toEqual(['1', 'more 1']);
    goOn();
    await bed.deliver.idle();
    expect(bed.sender.textsTo('1')).toEqual(['1', '2', 'more 2']);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
    expect(await bed.waiting()).toEqual([]);
    expect(claims).not.toHaveBeenCalled();
  });

  it('go although the one they were to wait behind, and all that was under way for the account, has ended meanwhile', async () => {
    const [message] = await bed.claimLate('1', 'late');
    if (!message) throw new Error('it was not claimed');
    bed.deliver.depart(ACCOUNT, [{ message, standing: { behind: new ConversationRun(message), hasPlace: false } }]);
    await bed.deliver.idle();
    expect(bed.sender.texts).toEqual(['late']);
    expect(await statusOf('1')).toBe('sent');
  });

  it('keep no place from another customer while they wait', async () => {
    const goOn = bed.sender.hold();
    await bed.decide(['1', '1', '1', '1', '1', '1', '2'], { text: numbered() });
    await bed.decide(['3']);
    while (bed.sender.calls.length < 3) await new Promise(setImmediate);
    expect(bed.sender.texts.toSorted()).toEqual(['1', '7', 'reply to 3']);
    expect(bed.deliver.following(ACCOUNT)).toBe(5);
    goOn();
    await bed.deliver.idle();
    expect(bed.sender.textsTo('1')).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(bed.deliver.following(ACCOUNT)).toBe(0);
  });

  it('do not count against what the account may have under way, since they cannot become uncertain; nor are there ever too many', async () => {
    const goOn = bed.sender.hold();
    await bed.decide(Array.from({ length: MOST_UNSETTLED + 8 }, () => '1'), { text: numbered() });
    expect(bed.deliver.following(ACCOUNT)).toBe(MOST_UNSETTLED);
    await bed.decide(['2']);
    expect(await statusOf('2')).toBe('sending');
    goOn();
    await bed.send();
    expect(bed.sender.textsTo('1')).toEqual(Array.from({ length: MOST_UNSETTLED + 8 }, (_, i) => String(i + 1)));
  });

  it.each([
    ['is to be tried again', { kind: 'retry', retryAfterMs: 60_000, code: '2', reason: 'try again' }],
    ['may have arrived', { kind: 'unknown', reason: 'the connection broke' }],
    ['met a dead token', { kind: 'dead_token', code: '190', reason: 'the token is dead' }],
  ] satisfies [string, SendOutcome][])('are queued again, uncalled, behind one that %s', async (_, outcome) => {
    const goOn = bed.sender.hold(() => outcome);
    await bed.decide(['1', '1', '1'], { text: numbered() });
    goOn();
    await bed.deliver.idle();
    expect(bed.sender.texts).toEqual(['1']);
    const behind = (await bed.inConversation('1')).slice(0, 2);
    expect(behind.map(({ status }) => status)).toEqual(['queued', 'queued']);
    expect(bed.deliver.inHand.size).toBe(0);
  });

  it('go in their order once the one that stood in front was tried again', async () => {
    let calls = 0;
    const goOn = bed.sender.hold(() => (calls++ === 0 ? { kind: 'retry', retryAfterMs: 1_000, code: '2', reason: 'try again' } : sent(`mid.${String(calls)}`)));
    await bed.decide(['1', '1', '1'], { text: numbered() });
    goOn();
    await bed.deliver.idle();
    await bed.decide(['1'], { text: () => 'the last' });
    expect(await statusOf('1')).toBe('queued');
    bed.clock.pass(2);
    await bed.send();
    expect(bed.sender.textsTo('1')).toEqual(['1', '1', '2', '3', 'the last']);
  });

  it('fail uncalled behind one with which Instagram closes the conversation', async () => {
    const goOn = bed.sender.hold(() => ({ kind: 'failed', code: '10', reason: 'the window is closed', conversation: { kind: 'closed' } }));
    await bed.decide(['1', '1', '1'], { text: numbered() });
    goOn();
    await bed.deliver.idle();
    await bed.send();
    expect(bed.sender.texts).toEqual(['1']);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    expect(await bed.waiting()).toEqual([]);
  });

  it('go on behind one that its echo settled before its answer came', async () => {
    const goOn = bed.sender.hold(() => ({ kind: 'unknown', reason: 'the connection broke' }));
    await bed.decide(['1', '1'], { text: numbered() });
    await bed.matchEchoes([bed.echo('1', 'mid.echo', '1')]);
    bed.sender.answer = () => sent('mid.2');
    goOn();
    await bed.deliver.idle();
    expect(bed.sender.texts).toEqual(['1', '2']);
    expect((await bed.inConversation('1')).map(({ externalId }) => externalId)).toEqual(['mid.2', 'mid.echo']);
  });

  it('are not taken for what somebody else wrote while they wait uncalled', async () => {
    const goOn = bed.sender.hold(() => sent(bed.sender.calls.length === 1 ? 'mid.echo' : 'mid.2'));
    const [, second] = await bed.decide(['1', '1'], { text: numbered() });
    const matches = await bed.matchEchoes([bed.echo('1', 'mid.typed', '2')]);
    expect(matches.find(ACCOUNT, 'mid.typed')).toBeUndefined();
    expect((await bed.inConversation('1'))[0]).toMatchObject({ id: second, status: 'sending' });
    // Nor once they are first, since Meta's echo was faster than its answer.
    await bed.matchEchoes([bed.echo('1', 'mid.echo', '1')]);
    const again = await bed.matchEchoes([bed.echo('1', 'mid.typed', '2')]);
    expect(again.find(ACCOUNT, 'mid.typed')).toBeUndefined();
    goOn();
    await bed.deliver.idle();
    expect(bed.sender.texts).toEqual(['1', '2']);
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['sent', 'sent']);
  });

  it('do not pass by what waits in their conversation for its time', async () => {
    const goOn = bed.sender.hold();
    await bed.decide(['1']);
    await bed.decide(['1'], { delayMs: 5_000, text: () => 'later' });
    await bed.decide(['1'], { text: () => 'behind it' });
    expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['queued', 'queued', 'sending']);
    goOn();
    await bed.deliver.idle();
    bed.clock.pass(6);
    await bed.send();
    expect(bed.sender.texts).toEqual(['reply to 1', 'later', 'behind it']);
  });

  it('are given back when the process stops', async () => {
    const goOn = bed.sender.hold();
    await bed.decide(['1', '1'], { text: numbered() });
    const stopping = bed.deliver.stop();
    goOn();
    await stopping;
    expect(bed.sender.texts).toEqual(['1']);
    expect(await statusOf('1')).toBe('queued');
  });

  it('whatever becomes of each call, go exactly once, and in their order', async () => {
    const fate = fc.constantFrom('sent', 'retry', 'refused');
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ person: fc.constantFrom('1', '2', '3'), together: fc.boolean() }), { minLength: 1, maxLength: 12 }), fc.array(fate, { minLength: 24, maxLength: 24 }), async (plan, fates) => {
      await bed.close();
      bed = await OutboxBed.open();
      bed.deliver.open();
      let calls = 0;
      const retries = new Map<string, number>();
      const done: string[] = [];
      bed.sender.answer = async (request) => {
        await new Promise(setImmediate);
        const outcome = fates[calls++] ?? 'sent';
        // Not so often that one is given up.
        const tried = retries.get(textOf(request)) ?? 0;
        retries.set(textOf(request), tried + 1);
        if (outcome === 'retry' && tried < 3) return { kind: 'retry', retryAfterMs: 1_000, code: '2', reason: 'try again' };
        done.push(`${(request.body['recipient'] as { id: string }).id} ${textOf(request)}`);
        return outcome !== 'refused' ? sent(`mid.${String(calls)}`) : { kind: 'failed', code: '100', reason: 'no such person' };
      };
      const wanted: string[] = [];
      for (const [nth, { person, together }] of plan.entries()) {
        wanted.push(`${person} ${String(nth)}`);
        await bed.decide([person], { text: () => String(nth) });
        if (!together) await bed.deliver.idle();
      }
      for (let round = 0; round < 30 && (await bed.waiting()).length > 0; round++) {
        await bed.deliver.idle();
        bed.clock.pass(2);
        await bed.send();
      }
      const of = (person: string) => (one: string) => one.startsWith(`${person} `);
      for (const person of ['1', '2', '3']) expect(done.filter(of(person))).toEqual(wanted.filter(of(person)));
    }), { numRuns: 15 });
  });
});
