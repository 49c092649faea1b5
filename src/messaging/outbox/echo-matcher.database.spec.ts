import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import type { SendOutcome } from '../message-sender.port.js';
import { graphRequest } from './content/graph-request.js';
import type { OutgoingContent } from './content/outgoing-content.js';

const IMAGE: OutgoingContent = { is: 'media', media: { type: 'image', url: 'https://example.com/a.png' } };
const WORDLESS: readonly [string, OutgoingContent][] = [
  ['an image', IMAGE],
  ['cards', { is: 'generic_template', elements: [{ title: 'Dress', subtitle: null, imageUrl: null, url: null, buttons: [] }] }],
  ['a heart', { is: 'like_heart' }],
];
const REFUSALS: readonly [string, SendOutcome][] = [
  ['the token is dead', { kind: 'dead_token', reason: 'x', code: '190' }],
  ['the account is to wait', { kind: 'paused', reason: 'x', code: '613', pause: { forMs: 60_000, scope: 'account', reason: 'x' } }],
  ['there is no connection', { kind: 'unreached', reason: 'x', code: 'ECONNREFUSED' }],
];

const PASSING: SendOutcome = { kind: 'retry', retryAfterMs: 60_000, reason: 'x', code: '2' };
const UNKNOWN: SendOutcome = { kind: 'unknown', reason: 'timeout' };
const ANSWERS: readonly (readonly [string, SendOutcome])[] = [['uncertain', UNKNOWN], ['queued again', PASSING]];

describe('EchoMatcher, on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });

  afterEach(async () => {
    await bed.close();
  });

  async function queue(content: OutgoingContent): Promise<string> {
    return await bed.queueRequest('1', graphRequest(content, { recipient: { id: '1' } }), { source: 'manual' });
  }

  /** What comes back of a message without words. */
  async function matchWordless(mid: string, types: readonly string[], at = bed.clock.now()): Promise<string | undefined> {
    const matches = await bed.matchEchoes([{ ...bed.echo('1', mid, null, at), attachments: types.map((type) => ({ type })) }]);
    return matches.find(ACCOUNT, mid);
  }

  describe.each(REFUSALS)('does not take a person’s message without words for a send that was refused: %s', (_, refusal) => {
    it.each(WORDLESS)('%s', async (_is, content) => {
      const id = await queue(content);
      bed.sender.answer = () => (bed.sender.calls.length === 1 ? refusal : sent('mid.ours'));
      await bed.send();
      for (const seconds of [1, 30]) {
        bed.clock.pass(seconds);
        expect(await matchWordless(`mid.photo.${String(seconds)}`, ['image'])).toBeUndefined();
        expect(await matchWordless(`mid.odd.${String(seconds)}`, [])).toBeUndefined();
      }
      expect((await bed.inConversation('1'))[0]).toMatchObject({ id, status: 'queued', externalId: null });
      await bed.database.dataSource.query("UPDATE instagram_business_accounts SET token_status = 'valid'");
      bed.clock.pass(60);
      await bed.send();
      expect((await bed.inConversation('1'))[0]).toMatchObject({ id, status: 'sent', externalId: 'mid.ours' });
    });
  });

  it.each(WORDLESS)('takes it after a passing error of Instagram’s own, if it is from the time of the call: %s', async (_, content) => {
    const id = await queue(content);
    bed.sender.answer = () => PASSING;
    await bed.send();
    const called = bed.clock.now();
    bed.clock.pass(30);
    expect(await matchWordless('mid.photo', ['image'])).toBeUndefined();
    const types = content.is === 'generic_template' ? ['template'] : ['image'];
    expect(await matchWordless('mid.ours', types, new Date(called.getTime() + 2_000))).toBe(id);
    expect(await bed.waiting()).toEqual([]);
  });

  describe('an earlier call of which it is not known for certain that it was refused', () => {
    const heard = (called: Date) => new Date(called.getTime() + 500);

    it.each(REFUSALS)('is recognised though a later one came to nothing: %s', async (_, refusal) => {
      const id = await queue(IMAGE);
      bed.sender.answer = () => (bed.sender.calls.length === 1 ? { ...PASSING, retryAfterMs: 1_000 } : refusal);
      await bed.send();
      const called = bed.clock.now();
      bed.clock.pass(1);
      await bed.send();
      expect(bed.sender.calls).toHaveLength(2);
      expect(await matchWordless('mid.ours', ['image'], heard(called))).toBe(id);
      expect(await bed.waiting()).toEqual([]);
    });

    it('is recognised though it was claimed since, and given back uncalled', async () => {
      const [id] = await bed.queue('1', ['hello'], { source: 'manual' });
      bed.sender.answer = () => ({ kind: 'unknown', reason: 'timeout' });
      await bed.send();
      const called = bed.clock.now();
      while ((await bed.waiting()).some(({ status }) => status === 'uncertain')) {
        bed.clock.pass(5);
        await bed.settle.execute(ACCOUNT);
      }
      for (const afterMs of [1_000, 0]) {
        const claim = await bed.claims.execute(ACCOUNT, 1);
        const [claimed] = claim.kind === 'claimed' ? claim.messages : [];
        await bed.recorder.record({ claimed: claimed!, outcome: { kind: 'released', afterMs }, account: null, tokenHash: null, calledAt: bed.clock.now() });
        bed.clock.pass(1);
      }
      expect((await bed.matchEchoes([bed.echo('1', 'mid.ours', 'hello', heard(called))])).find(ACCOUNT, 'mid.ours')).toBe(id);
      expect(await bed.waiting()).toEqual([]);
    });
  });

  describe('a call before the latest, which was refused though it had delivered the message', () => {
    /** Called twice, half a minute apart. @returns when the first time */
    async function callTwice(second: SendOutcome | (() => Promise<SendOutcome>)): Promise<Date> {
      bed.sender.answer = () => (bed.sender.calls.length === 1 ? { ...PASSING, retryAfterMs: 30_000 } : typeof second === 'function' ? second() : second);
      await bed.send();
      const called = bed.clock.now();
      bed.clock.pass(31);
      await bed.send();
      expect(bed.sender.calls).toHaveLength(2);
      return called;
    }

    const match = async (mid: string, at: Date) => (await bed.matchEchoes([bed.echo('1', mid, 'hello', at)])).find(ACCOUNT, mid);

    it.each(ANSWERS)('is recognised by its echo while the send is %s', async (_, second) => {
      const [id] = await bed.queue('1', ['hello']);
      const called = await callTwice(second);
      expect(await match('mid.first', called)).toBe(id);
      expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.first' });
      expect(await bed.waiting()).toEqual([]);
    });

    it('is recognised by its echo while the latest is under way', async () => {
      const [id] = await bed.queue('1', ['hello']);
      const called = bed.clock.now();
      let matched: string | undefined;
      await callTwice(async () => {
        matched = await match('mid.first', called);
        return sent('mid.second');
      });
      expect(matched).toBe(id);
      expect((await bed.inConversation('1')).map(({ externalId }) => externalId)).toEqual(['mid.second', 'mid.first']);
    });

    it('is not what was written before the message was queued, nor in other words', async () => {
      const queued = bed.clock.now();
      await bed.queue('1', ['hello']);
      const called = await callTwice(UNKNOWN);
      expect(await match('mid.before', new Date(queued.getTime() - 6_000))).toBeUndefined();
      expect((await bed.matchEchoes([bed.echo('1', 'mid.other', 'hello!', called)])).find(ACCOUNT, 'mid.other')).toBeUndefined();
    });

    it.each(WORDLESS)('is not recognised by an echo without words: %s', async (_, content) => {
      await queue(content);
      const called = await callTwice(UNKNOWN);
      expect(await matchWordless('mid.photo', content.is === 'generic_template' ? ['template'] : ['image'], called)).toBeUndefined();
    });

    it('is not one of an equal message before it: sent, whose echo comes again', async () => {
      const [first] = await bed.queue('1', ['hello']);
      bed.sender.answer = () => sent('mid.before');
      await bed.send();
      bed.sender.calls.length = 0;
      await bed.queue('1', ['hello']);
      await callTwice(UNKNOWN);
      expect(await match('mid.before', bed.clock.now())).toBe(first);
      expect((await bed.waiting()).map(({ status }) => status)).toEqual(['uncertain']);
    });

    it('nor given up, whose echo comes late', async () => {
      const [first, second] = await bed.queue('1', ['hello', 'hello']);
      const calledFirst = bed.clock.now();
      bed.sender.answer = () => ({ kind: 'unknown', reason: 'timeout' });
      bed.record = () => null;
      await bed.send();
      for (let minutes = 0; minutes < 16; minutes++) {
        bed.clock.pass(60);
        await bed.settle.execute(ACCOUNT);
      }
      bed.sender.calls.length = 0;
      const called = await callTwice(UNKNOWN);
      expect(await match('mid.first', new Date(calledFirst.getTime() + 500))).toBe(first);
      expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['uncertain', 'sent']);
      expect(await match('mid.second', called)).toBe(second);
    });
  });

  it('takes the very same words for it all the same: the customer has them', async () => {
    const [id] = await bed.queue('1', ['hello']);
    bed.sender.answer = () => ({ kind: 'retry', retryAfterMs: null, reason: 'x', code: '2' });
    await bed.send();
    bed.clock.pass(1);
    expect((await bed.matchEchoes([bed.echo('1', 'mid.typed', 'hello')])).find(ACCOUNT, 'mid.typed')).toBe(id);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.typed' });
  });

  it.each(WORDLESS)('takes it for what is uncertain: %s', async (_, content) => {
    const id = await queue(content);
    bed.sender.answer = () => ({ kind: 'unknown', reason: 'timeout' });
    await bed.send();
    bed.clock.pass(8);
    expect(await matchWordless('mid.ours', content.is === 'generic_template' ? ['template'] : ['image'])).toBe(id);
  });

  it('takes a late echo for what is queued again since Instagram did not show it, if it is from the time of the call', async () => {
    const id = await queue(IMAGE);
    bed.sender.answer = () => ({ kind: 'unknown', reason: 'timeout' });
    await bed.send();
    const called = bed.clock.now();
    while ((await bed.waiting()).some(({ status }) => status === 'uncertain')) {
      bed.clock.pass(5);
      await bed.settle.execute(ACCOUNT);
    }
    // It waits on, for a new access token say.
    bed.clock.pass(60);
    expect((await bed.inConversation('1'))[0]?.status).toBe('queued');
    expect(await matchWordless('mid.photo', ['image'])).toBeUndefined();
    expect(await matchWordless('mid.ours', ['image'], new Date(called.getTime() + 9_000))).toBe(id);
    expect(await bed.waiting()).toEqual([]);
  });

  describe('what was given up, since it could not be found out whether it was delivered', () => {
    let called: Date;

    /** Two equal messages to one person and one to another, all called, none known to have arrived. */
    async function giveUp(): Promise<string[]> {
      const ids = [await bed.queue('1', ['hello', 'hello']), await bed.queue('2', ['hello'])].flat();
      bed.sender.answer = () => ({ kind: 'unknown', reason: 'timeout' });
      bed.record = () => null;
      called = bed.clock.now();
      for (let minutes = 0; minutes < 60 && (await bed.waiting()).length > 0; minutes++) {
        await bed.send();
        bed.clock.pass(60);
        await bed.settle.execute(ACCOUNT);
      }
      return ids;
    }

    const match = async (mid: string, at: Date, text: string | null = 'hello') => (await bed.matchEchoes([bed.echo('1', mid, text, at)])).find(ACCOUNT, mid);

    it('has arrived when its echo comes after all, each once', async () => {
      const [first, second, other] = await giveUp();
      const later = new Date(called.getTime() + 1_000);
      const matches = await bed.matchEchoes([bed.echo('1', 'mid.1', 'hello', later), bed.echo('1', 'mid.2', 'hello', bed.clock.now())]);
      expect([matches.find(ACCOUNT, 'mid.1'), matches.find(ACCOUNT, 'mid.2')].sort()).toEqual([first, second].sort());
      expect((await bed.inConversation('1')).map(({ status, error }) => [status, error])).toEqual([['sent', null], ['sent', null]]);
      expect(await match('mid.3', later)).toBeUndefined();
      expect((await bed.inConversation('2')).map(({ id, status }) => [id, status])).toEqual([[other, 'failed']]);
      const left = await bed.database.dataSource.query<{ message_id: string }[]>('SELECT message_id FROM failed_sends');
      expect(left).toEqual([{ message_id: other }]);
      // The same echo again is known by its mid.
      expect(await match('mid.1', later)).toBe(matches.find(ACCOUNT, 'mid.1'));
    });

    it('is not what a person writes afterwards, before, or otherwise', async () => {
      await giveUp();
      bed.clock.pass(60);
      expect(await match('mid.after', bed.clock.now())).toBeUndefined();
      expect(await match('mid.before', new Date(called.getTime() - 60_000))).toBeUndefined();
      expect(await match('mid.other', called, 'hello!')).toBeUndefined();
      expect(await match('mid.photo', called, null)).toBeUndefined();
      expect((await bed.inConversation('1')).map(({ status }) => status)).toEqual(['failed', 'failed']);
    });
  });
});
