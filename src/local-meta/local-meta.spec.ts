import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalMetaBed, ONE, TWO, type GraphBody } from '../../test/support/local-meta-bed.js';
import { signatureMatches } from '../crypto/index.js';
import { changesEntryOf, commentChange, deliveryOf, entryOf, postbackEvent, textEvent } from './index.js';

const HOUR = 3_600_000;

describe('LocalMeta', () => {
  let bed: LocalMetaBed;

  beforeEach(async () => {
    bed = await LocalMetaBed.open();
  });
  afterEach(async () => {
    await bed.close();
  });

  it('signs the escaped bytes, and repeats them exactly', async () => {
    const posted = await bed.meta.deliver(ONE.id, bed.hello());
    expect(posted).toMatchObject({ status: 200, text: 'EVENT_RECEIVED' });
    await bed.meta.redeliver(posted);
    await bed.meta.deliver(ONE.id, bed.hello(), { secret: 'forged' });
    await bed.meta.deliver(ONE.id, bed.hello(), { signature: null });
    expect(bed.heard[0]!.bytes.toString('latin1')).toContain('ol\\u00e1\\/\\ud83d\\ude00');
    expect(bed.heard[1]!.bytes.equals(bed.heard[0]!.bytes)).toBe(true);
    expect(bed.heard.map(({ bytes, signature }) => signatureMatches(bytes, signature, ONE.appSecret))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(bed.heard[3]!.signature).toBeUndefined();
    expect(bed.meta.counts).toMatchObject({ deliveries: 4, answers: { 200: 4 } });
  });

  it('shakes hands', async () => {
    const answer = await bed.meta.handshake(ONE.id, 'verify me');
    expect(answer.text).toBe(answer.challenge);
  });

  it('takes a send, records its token and brings the echo until it is stored', async () => {
    bed.status.push(503);
    const { body } = await bed.send('hi');
    expect(body).toEqual({ recipient_id: bed.person, message_id: expect.stringMatching(/^[\w-]{164}$/) });
    await bed.meta.settled();
    const echo = JSON.parse(bed.heard.at(-1)!.bytes.toString());
    expect(echo.entry[0].messaging[0].message).toEqual({ mid: body.message_id, text: 'hi', is_echo: true });
    expect(signatureMatches(bed.heard.at(-1)!.bytes, bed.heard.at(-1)!.signature, ONE.appSecret)).toBe(true);
    expect(bed.meta.counts).toMatchObject({ deliveries: 2, echoes: 1, sends: 1, accepted: 1 });
    expect(bed.meta.sends[0]).toMatchObject({ accountId: ONE.id, token: ONE.accessToken, text: 'hi', recipientId: bed.person });
  });

  it('can bring the echo before the answer', async () => {
    bed.meta.echoSends('before');
    await bed.send('hi');
    expect(bed.heard).toHaveLength(1);
  });

  it('refuses wrong tokens, other accounts and what Meta refuses', async () => {
    expect(await bed.send('hi', 'nobody')).toMatchObject({ status: 401, body: { error: { code: 190 } } });
    const foreign = await bed.graph(`/${TWO.id}/messages`, ONE.accessToken, {
      recipient: { id: bed.person },
      message: { text: 'x' },
    });
    expect(foreign.body.error).toMatchObject({ code: 100, error_subcode: 33 });
    expect((await bed.send('é'.repeat(501))).body.error!.code).toBe(100);
    expect((await bed.send('')).body.error!.code).toBe(100);
    const at = new Date(Date.now() - 25 * 3_600_000);
    await bed.meta.deliver(ONE.id, deliveryOf(entryOf(ONE.id, [textEvent({ accountId: ONE.id, person: bed.person, at }, 'late')])));
    expect((await bed.send('too late')).body.error).toMatchObject({ code: 10, error_subcode: 2534022 });
    await bed.meta.deliver(ONE.id, deliveryOf(entryOf(ONE.id, [postbackEvent({ accountId: ONE.id, person: bed.person }, 'Go', 'GO')])));
    expect((await bed.send('in time')).status).toBe(200);
    bed.meta.revokeToken(ONE.accessToken);
    expect((await bed.send('hi')).status).toBe(401);
    expect(bed.meta.accepted).toHaveLength(1);
  });

  it('takes one private reply to a comment, and tells whose it was', async () => {
    const reply = (comment_id: string, text = 'see your inbox') =>
      bed.graph(`/${ONE.id}/messages`, ONE.accessToken, { recipient: { comment_id }, message: { text } });
    const comment = { id: '17900000000000001', from: { id: bed.person, username: 'ana' }, text: 'price?' };
    await bed.meta.deliver(ONE.id, deliveryOf(changesEntryOf(ONE.id, [commentChange(comment)])));
    expect((await reply('17900000000000099')).body.error).toMatchObject({ code: 100, error_subcode: 2534025 });
    expect((await reply(comment.id)).body).toMatchObject({ recipient_id: bed.person });
    expect((await reply(comment.id)).body.error).toMatchObject({ code: 100, error_subcode: 2534025 });
    expect(bed.meta.accepted).toMatchObject([{ commentId: comment.id, recipientId: bed.person, text: 'see your inbox' }]);
    await bed.meta.settled();
    expect(JSON.parse(bed.heard.at(-1)!.bytes.toString()).entry[0].messaging[0].recipient.id).toBe(bed.person);
  });

  it('fails as ordered', async () => {
    bed.meta.failNext({ code: 613, regainMinutes: 3, accountId: TWO.id });
    bed.meta.failNext({ mode: 'status', status: 502 });
    bed.meta.failNext({ code: 1, subcode: 1357046 });
    bed.meta.failNext({ mode: 'drop', accepted: true });
    const throttled = await bed.send('a', TWO.accessToken);
    expect(throttled.body.error).toMatchObject({ code: 613, type: 'IGApiException' });
    expect(throttled.headers.get('x-business-use-case-usage')).toContain('"estimated_time_to_regain_access":3');
    await expect(bed.send('b')).rejects.toThrow(/JSON/);
    expect((await bed.send('c')).body.error!.error_subcode).toBe(1357046);
    await expect(bed.send('d')).rejects.toThrow();
    expect((await bed.send('e')).status).toBe(200);
    expect(bed.meta.accepted.map(({ text, status: seen }) => [text, seen])).toEqual([
      ['c', 500],
      ['d', null],
      ['e', 200],
    ]);
  });

  it('fails by chance, and gives a single send an echo of its own', async () => {
    bed.fault = { mode: 'drop', accepted: true, echo: 'never' };
    bed.meta.failNext({ mode: 'delay', answerDelayMs: 50, echo: 'before' });
    await bed.send('ordered');
    expect(bed.heard).toHaveLength(1);
    await expect(bed.send('by chance')).rejects.toThrow();
    bed.fault = null;
    await bed.send('as usual');
    await bed.meta.settled();
    expect(bed.heard).toHaveLength(2);
    expect(bed.meta.accepted.map(({ text, status: seen }) => [text, seen])).toEqual([['ordered', 200], ['by chance', null], ['as usual', 200]]);
  });

  it('lets an account read its conversations so many times a second', async () => {
    const codes = async (token?: string) => (await bed.graph('/me/conversations', token)).body.error?.code ?? null;
    expect((await Promise.all([codes(), codes(), codes(), codes()])).filter((code) => code === 613)).toHaveLength(1);
    expect(await codes(TWO.accessToken)).toBeNull();
  });

  it('tells accounts, people and conversations, each to its own account', async () => {
    bed.meta.addPerson(ONE.id, { id: bed.person, username: 'ana', name: 'Ana' });
    await bed.meta.deliver(ONE.id, bed.hello('first'));
    await bed.send('second');
    expect((await bed.graph('/me?fields=user_id,username')).body).toEqual({
      id: expect.any(String),
      user_id: ONE.id,
      username: 'one',
    });
    expect((await bed.graph(`/${bed.person}?fields=name,username`)).body).toEqual({ id: bed.person, name: 'Ana', username: 'ana' });
    expect((await bed.graph(`/${bed.person}?fields=name`, TWO.accessToken)).body.error!.code).toBe(230);
    const list = `/me/conversations?platform=instagram&user_id=${bed.person}`;
    const { id } = (await bed.graph(list)).body.data[0]!;
    expect((await bed.graph(list, TWO.accessToken)).body.data).toEqual([]);
    const path = `/${id}?fields=messages.limit(20){id,from,message,created_time}`;
    const { messages } = (await bed.graph(path)).body;
    expect(messages.data).toMatchObject([
      { message: 'second', from: { id: ONE.id } },
      { message: 'first', from: { id: bed.person, username: 'ana' } },
    ]);
    expect(messages.data[0]!.created_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
    expect((await bed.graph(`/${messages.data[0]!.id}?fields=message`)).body.message).toBe('second');
    expect((await bed.graph(path, TWO.accessToken)).status).toBe(400);
  });

  it('subscribes an app to an account, by names it knows and only where it has the permission', async () => {
    const subscribe = (fields: string) =>
      bed.graph(`/${ONE.id}/subscribed_apps?subscribed_fields=${fields}`, ONE.accessToken, {});
    expect((await bed.graph('/me/subscribed_apps')).body).toEqual({ data: [] });
    expect((await subscribe('messages,messaging_referrals')).body.error!.code).toBe(100);
    bed.meta.refuseFields(ONE.id, ['comments']);
    expect((await subscribe('messages,comments')).body.error!.code).toBe(10);
    expect(bed.meta.subscribedFields(ONE.id)).toBeUndefined();
    expect((await subscribe('messages,messaging_seen')).body).toEqual({ success: true });
    expect((await bed.graph('/me/subscribed_apps')).body.data[0]!.subscribed_fields).toEqual(['messages', 'messaging_seen']);
    expect((await bed.graph('/me/subscribed_apps', TWO.accessToken)).body.data).toEqual([]);
    bed.meta.unsubscribe(ONE.id);
    expect((await bed.graph('/me/subscribed_apps')).body.data).toEqual([]);
  });

  it('renews a token that is a day old and has not ended, and leaves the old one good', async () => {
    const times = (age: number, left: number) => ({ issuedAt: new Date(Date.now() - age * HOUR), expiresAt: new Date(Date.now() + left * HOUR) });
    const refresh = async (token: string) => {
      const url = `${bed.meta.graphUrl}/refresh_access_token?grant_type=ig_refresh_token&access_token=${token}`;
      return (await (await fetch(url)).json()) as GraphBody & { access_token: string; expires_in: number };
    };
    bed.meta.addToken(ONE.id, 'young', times(23, 900));
    bed.meta.addToken(ONE.id, 'ended', times(1500, -1));
    expect((await refresh('young')).error!.code).toBe(100);
    expect((await refresh('ended')).error).toMatchObject({ code: 190, error_subcode: 463 });
    expect((await refresh('nobody’s')).error!.code).toBe(190);
    const renewed = await refresh(ONE.accessToken);
    expect(renewed.expires_in).toBe(5_184_000);
    for (const token of [renewed.access_token, ONE.accessToken]) expect((await bed.send('hi', token)).status).toBe(200);
    expect((await refresh(renewed.access_token)).error!.code).toBe(100);
    expect(new Set(bed.meta.calls.filter((call) => call.tokenInUrl).map((call) => `${call.endpoint} ${String(call.version)}`))).toEqual(
      new Set(['refresh null']),
    );
    bed.meta.revokeToken(ONE.accessToken, 460);
    expect((await bed.send('hi')).body.error).toMatchObject({ code: 190, error_subcode: 460 });
    expect(bed.meta.calls.at(-1)).toMatchObject({ accountId: ONE.id, refused: 190, endpoint: 'messages' });
  });

  it('delivers bursts', async () => {
    const deliveries = Array.from({ length: 2000 }, (_, n) => bed.meta.deliver(ONE.id, bed.hello(`burst ${n}`)));
    expect((await Promise.all(deliveries)).every((posted) => posted.status === 200)).toBe(true);
  }, 60_000);
});
