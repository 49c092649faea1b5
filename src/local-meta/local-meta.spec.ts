import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signatureMatches } from '../crypto/index.js';
import {
  LocalMeta,
  changesEntryOf,
  commentChange,
  deliveryOf,
  entryOf,
  newIgsid,
  postbackEvent,
  textEvent,
  type Failure,
} from './index.js';

const SECRET = 'app-secret-of-one';
const ONE = { id: '17841400000000001', username: 'one', accessToken: 'token-one', appSecret: SECRET };
const HOUR = 3_600_000;
const TWO = { id: '17841400000000002', username: 'two', accessToken: 'token-two', appSecret: 'app-secret-of-two' };

/** Every field some answer of Graph may have. */
interface GraphBody {
  error?: { code: number; error_subcode?: number };
  data: { id: string; subscribed_fields?: string[] }[];
  messages: { data: { id: string; created_time: string }[] };
  message_id: string;
  message: string;
}

interface Heard {
  bytes: Buffer;
  signature: string | undefined;
}

describe('LocalMeta', () => {
  let meta: LocalMeta;
  let service: Server;
  let heard: Heard[];
  let status: number[];
  let fault: Failure | null;
  const person = newIgsid();

  beforeEach(async () => {
    heard = [];
    status = [];
    fault = null;
    service = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        heard.push({ bytes: Buffer.concat(chunks), signature: request.headers['x-hub-signature-256']?.toString() });
        response.statusCode = status.shift() ?? 200;
        response.end(new URL(request.url!, 'http://x').searchParams.get('hub.challenge') ?? 'EVENT_RECEIVED');
      });
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const callbackUrl = `http://127.0.0.1:${String((service.address() as AddressInfo).port)}/hook`;
    meta = await LocalMeta.start({ faults: () => fault, conversationReadsPerSecond: 3 });
    meta.addAccount({ ...ONE, callbackUrl });
    meta.addAccount({ ...TWO, callbackUrl });
  });

  afterEach(async () => {
    await meta.close();
    service.closeAllConnections();
    service.close();
  });

  const graph = async (path: string, token = ONE.accessToken, body?: unknown) => {
    const response = await fetch(`${meta.graphUrl}/v26.0${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as GraphBody };
  };
  const send = (text: string, token?: string, to = person) =>
    graph(`/${token === TWO.accessToken ? TWO.id : ONE.id}/messages`, token, {
      recipient: { id: to },
      message: { text },
    });
  const hello = (text = 'olá/😀') => deliveryOf(entryOf(ONE.id, [textEvent({ accountId: ONE.id, person }, text)]));

  it('signs the escaped bytes, and repeats them exactly', async () => {
    const posted = await meta.deliver(ONE.id, hello());
    expect(posted).toMatchObject({ status: 200, text: 'EVENT_RECEIVED' });
    await meta.redeliver(posted);
    await meta.deliver(ONE.id, hello(), { secret: 'forged' });
    await meta.deliver(ONE.id, hello(), { signature: null });
    expect(heard[0]!.bytes.toString('latin1')).toContain('ol\\u00e1\\/\\ud83d\\ude00');
    expect(heard[1]!.bytes.equals(heard[0]!.bytes)).toBe(true);
    expect(heard.map(({ bytes, signature }) => signatureMatches(bytes, signature, SECRET))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(heard[3]!.signature).toBeUndefined();
    expect(meta.counts).toMatchObject({ deliveries: 4, answers: { 200: 4 } });
  });

  it('shakes hands', async () => {
    const answer = await meta.handshake(ONE.id, 'verify me');
    expect(answer.text).toBe(answer.challenge);
  });

  it('takes a send, records its token and brings the echo until it is stored', async () => {
    status.push(503);
    const { body } = await send('hi');
    expect(body).toEqual({ recipient_id: person, message_id: expect.stringMatching(/^[\w-]{164}$/) });
    await meta.settled();
    const echo = JSON.parse(heard.at(-1)!.bytes.toString());
    expect(echo.entry[0].messaging[0].message).toEqual({ mid: body.message_id, text: 'hi', is_echo: true });
    expect(signatureMatches(heard.at(-1)!.bytes, heard.at(-1)!.signature, SECRET)).toBe(true);
    expect(meta.counts).toMatchObject({ deliveries: 2, echoes: 1, sends: 1, accepted: 1 });
    expect(meta.sends[0]).toMatchObject({ accountId: ONE.id, token: ONE.accessToken, text: 'hi', recipientId: person });
  });

  it('can bring the echo before the answer', async () => {
    meta.echoSends('before');
    await send('hi');
    expect(heard).toHaveLength(1);
  });

  it('refuses wrong tokens, other accounts and what Meta refuses', async () => {
    expect(await send('hi', 'nobody')).toMatchObject({ status: 401, body: { error: { code: 190 } } });
    const foreign = await graph(`/${TWO.id}/messages`, ONE.accessToken, {
      recipient: { id: person },
      message: { text: 'x' },
    });
    expect(foreign.body.error).toMatchObject({ code: 100, error_subcode: 33 });
    expect((await send('é'.repeat(501))).body.error!.code).toBe(100);
    expect((await send('')).body.error!.code).toBe(100);
    const at = new Date(Date.now() - 25 * 3_600_000);
    await meta.deliver(ONE.id, deliveryOf(entryOf(ONE.id, [textEvent({ accountId: ONE.id, person, at }, 'late')])));
    expect((await send('too late')).body.error).toMatchObject({ code: 10, error_subcode: 2534022 });
    await meta.deliver(ONE.id, deliveryOf(entryOf(ONE.id, [postbackEvent({ accountId: ONE.id, person }, 'Go', 'GO')])));
    expect((await send('in time')).status).toBe(200);
    meta.revokeToken(ONE.accessToken);
    expect((await send('hi')).status).toBe(401);
    expect(meta.accepted).toHaveLength(1);
  });

  it('takes one private reply to a comment, and tells whose it was', async () => {
    const reply = (comment_id: string, text = 'see your inbox') =>
      graph(`/${ONE.id}/messages`, ONE.accessToken, { recipient: { comment_id }, message: { text } });
    const comment = { id: '17900000000000001', from: { id: person, username: 'ana' }, text: 'price?' };
    await meta.deliver(ONE.id, deliveryOf(changesEntryOf(ONE.id, [commentChange(comment)])));
    expect((await reply('17900000000000099')).body.error).toMatchObject({ code: 100, error_subcode: 2534025 });
    expect((await reply(comment.id)).body).toMatchObject({ recipient_id: person });
    expect((await reply(comment.id)).body.error).toMatchObject({ code: 100, error_subcode: 2534025 });
    expect(meta.accepted).toMatchObject([{ commentId: comment.id, recipientId: person, text: 'see your inbox' }]);
    await meta.settled();
    expect(JSON.parse(heard.at(-1)!.bytes.toString()).entry[0].messaging[0].recipient.id).toBe(person);
  });

  describe('of content', () => {
    const ask = (body: object) => graph(`/${ONE.id}/messages`, ONE.accessToken, { recipient: { id: person }, ...body });
    const template = (payload: object) => ({ message: { attachment: { type: 'template', payload } } });
    const button = { type: 'postback', title: 'Go', payload: 'GO' };
    const element = { title: 't', subtitle: 's', buttons: [button] };
    const url = 'https://example.com/a.png';

    it.each([
      [{ message: { text: 'x', quick_replies: [{ content_type: 'text', title: 'a', payload: 'A' }, { content_type: 'user_email' }] } }, { text: 'x' }],
      [template({ template_type: 'button', text: 'x', buttons: [button] }), { attachments: [{ type: 'template', payload: {} }] }],
      [template({ template_type: 'generic', elements: [element] }), { attachments: [{ type: 'template', payload: {} }] }],
      [{ message: { attachment: { type: 'image', payload: { url } } } }, { attachments: [{ type: 'image', payload: { url } }] }],
      [{ message: { attachment: { type: 'like_heart' } } }, { attachments: [{ type: 'like_heart' }] }],
      [{ message: { text: 'x' }, tag: 'HUMAN_AGENT', messaging_type: 'MESSAGE_TAG' }, { text: 'x' }],
    ])('takes %j, and echoes it', async (body, content) => {
      expect((await ask(body)).body).toMatchObject({ recipient_id: person, message_id: expect.any(String) });
      await meta.settled();
      expect(JSON.parse(heard.at(-1)!.bytes.toString()).entry[0].messaging[0].message).toEqual({ mid: expect.any(String), is_echo: true, ...content });
    });

    it.each([
      [{ message: {} }], [{ message: { text: 'x', quick_replies: [] } }],
      [{ message: { text: 'x', quick_replies: Array(14).fill({ content_type: 'user_email' }) } }],
      [{ message: { quick_replies: [{ content_type: 'user_email' }], attachment: { type: 'like_heart' } } }],
      [{ message: { attachment: { type: 'sticker' } } }], [{ message: { attachment: { type: 'image', payload: {} } } }],
      [template({ template_type: 'button', text: 'x'.repeat(641), buttons: [button] })], [template({ template_type: 'button', text: 'x', buttons: [] })],
      [template({ template_type: 'button', text: 'x', buttons: Array(4).fill(button) })], [template({ template_type: 'list' })],
      [template({ template_type: 'button', text: 'x', buttons: [{ type: 'web_url', title: 'a' }] })],
      [template({ template_type: 'generic', elements: [{ title: 't' }] })], [template({ template_type: 'generic', elements: Array(11).fill(element) })],
      [template({ template_type: 'generic', elements: [{ ...element, title: 'x'.repeat(81) }] })],
      [{ message: { text: 'x' }, reply_to: { mid: 'unknown' } }], [{ message: { text: 'x' }, tag: 'ACCOUNT_UPDATE' }],
      [{ sender_action: 'dance' }], [{ sender_action: 'typing_on', message: { text: 'x' } }],
      [{ sender_action: 'react', payload: { message_id: 'unknown', reaction: 'love' } }],
    ])('refuses %j', async (body) => {
      expect((await ask(body)).body.error).toMatchObject({ code: 100 });
      expect(meta.accepted).toEqual([]);
    });

    it('takes actions, which become no message and have no echo', async () => {
      const item = textEvent({ accountId: ONE.id, person }, 'hi');
      await meta.deliver(ONE.id, deliveryOf(entryOf(ONE.id, [item])));
      const { mid } = (item as { message: { mid: string } }).message;
      const deliveries = heard.length;
      for (const body of [{ sender_action: 'typing_on' }, { sender_action: 'react', payload: { message_id: mid, reaction: 'love' } }]) {
        expect((await ask(body)).body).toEqual({ recipient_id: person });
      }
      expect((await ask({ sender_action: 'react', payload: { message_id: mid } })).body.error).toMatchObject({ code: 100 });
      await meta.settled();
      expect(heard).toHaveLength(deliveries);
      expect(meta.actions.map(({ action }) => action)).toEqual(['typing_on', 'react']);
      expect(meta.accepted).toEqual([]);
      await ask({ message: { text: 'yes' }, reply_to: { mid } });
      await meta.settled();
      expect(JSON.parse(heard.at(-1)!.bytes.toString()).entry[0].messaging[0].message).toMatchObject({ text: 'yes', reply_to: { mid } });
    });
  });

  it('fails as ordered', async () => {
    meta.failNext({ code: 613, regainMinutes: 3, accountId: TWO.id });
    meta.failNext({ mode: 'status', status: 502 });
    meta.failNext({ code: 1, subcode: 1357046 });
    meta.failNext({ mode: 'drop', accepted: true });
    const throttled = await send('a', TWO.accessToken);
    expect(throttled.body.error).toMatchObject({ code: 613, type: 'IGApiException' });
    expect(throttled.headers.get('x-business-use-case-usage')).toContain('"estimated_time_to_regain_access":3');
    await expect(send('b')).rejects.toThrow(/JSON/);
    expect((await send('c')).body.error!.error_subcode).toBe(1357046);
    await expect(send('d')).rejects.toThrow();
    expect((await send('e')).status).toBe(200);
    expect(meta.accepted.map(({ text, status: seen }) => [text, seen])).toEqual([
      ['c', 500],
      ['d', null],
      ['e', 200],
    ]);
  });

  it('fails by chance, and gives a single send an echo of its own', async () => {
    fault = { mode: 'drop', accepted: true, echo: 'never' };
    meta.failNext({ mode: 'delay', answerDelayMs: 50, echo: 'before' });
    await send('ordered');
    expect(heard).toHaveLength(1);
    await expect(send('by chance')).rejects.toThrow();
    fault = null;
    await send('as usual');
    await meta.settled();
    expect(heard).toHaveLength(2);
    expect(meta.accepted.map(({ text, status: seen }) => [text, seen])).toEqual([['ordered', 200], ['by chance', null], ['as usual', 200]]);
  });

  it('lets an account read its conversations so many times a second', async () => {
    const codes = async (token?: string) => (await graph('/me/conversations', token)).body.error?.code ?? null;
    expect((await Promise.all([codes(), codes(), codes(), codes()])).filter((code) => code === 613)).toHaveLength(1);
    expect(await codes(TWO.accessToken)).toBeNull();
  });

  it('tells accounts, people and conversations, each to its own account', async () => {
    meta.addPerson(ONE.id, { id: person, username: 'ana', name: 'Ana' });
    await meta.deliver(ONE.id, hello('first'));
    await send('second');
    expect((await graph('/me?fields=user_id,username')).body).toEqual({
      id: expect.any(String),
      user_id: ONE.id,
      username: 'one',
    });
    expect((await graph(`/${person}?fields=name,username`)).body).toEqual({ id: person, name: 'Ana', username: 'ana' });
    expect((await graph(`/${person}?fields=name`, TWO.accessToken)).body.error!.code).toBe(230);
    const list = `/me/conversations?platform=instagram&user_id=${person}`;
    const { id } = (await graph(list)).body.data[0]!;
    expect((await graph(list, TWO.accessToken)).body.data).toEqual([]);
    const path = `/${id}?fields=messages.limit(20){id,from,message,created_time}`;
    const { messages } = (await graph(path)).body;
    expect(messages.data).toMatchObject([
      { message: 'second', from: { id: ONE.id } },
      { message: 'first', from: { id: person, username: 'ana' } },
    ]);
    expect(messages.data[0]!.created_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
    expect((await graph(`/${messages.data[0]!.id}?fields=message`)).body.message).toBe('second');
    expect((await graph(path, TWO.accessToken)).status).toBe(400);
  });

  it('subscribes an app to an account, by names it knows and only where it has the permission', async () => {
    const subscribe = (fields: string) =>
      graph(`/${ONE.id}/subscribed_apps?subscribed_fields=${fields}`, ONE.accessToken, {});
    expect((await graph('/me/subscribed_apps')).body).toEqual({ data: [] });
    expect((await subscribe('messages,messaging_referrals')).body.error!.code).toBe(100);
    meta.refuseFields(ONE.id, ['comments']);
    expect((await subscribe('messages,comments')).body.error!.code).toBe(10);
    expect(meta.subscribedFields(ONE.id)).toBeUndefined();
    expect((await subscribe('messages,messaging_seen')).body).toEqual({ success: true });
    expect((await graph('/me/subscribed_apps')).body.data[0]!.subscribed_fields).toEqual(['messages', 'messaging_seen']);
    expect((await graph('/me/subscribed_apps', TWO.accessToken)).body.data).toEqual([]);
    meta.unsubscribe(ONE.id);
    expect((await graph('/me/subscribed_apps')).body.data).toEqual([]);
  });

  it('renews a token that is a day old and has not ended, and leaves the old one good', async () => {
    const times = (age: number, left: number) => ({ issuedAt: new Date(Date.now() - age * HOUR), expiresAt: new Date(Date.now() + left * HOUR) });
    const refresh = async (token: string) => {
      const url = `${meta.graphUrl}/refresh_access_token?grant_type=ig_refresh_token&access_token=${token}`;
      return (await (await fetch(url)).json()) as GraphBody & { access_token: string; expires_in: number };
    };
    meta.addToken(ONE.id, 'young', times(23, 900));
    meta.addToken(ONE.id, 'ended', times(1500, -1));
    expect((await refresh('young')).error!.code).toBe(100);
    expect((await refresh('ended')).error).toMatchObject({ code: 190, error_subcode: 463 });
    expect((await refresh('nobody’s')).error!.code).toBe(190);
    const renewed = await refresh(ONE.accessToken);
    expect(renewed.expires_in).toBe(5_184_000);
    for (const token of [renewed.access_token, ONE.accessToken]) expect((await send('hi', token)).status).toBe(200);
    expect((await refresh(renewed.access_token)).error!.code).toBe(100);
    expect(new Set(meta.calls.filter((call) => call.tokenInUrl).map((call) => `${call.endpoint} ${String(call.version)}`))).toEqual(
      new Set(['refresh null']),
    );
    meta.revokeToken(ONE.accessToken, 460);
    expect((await send('hi')).body.error).toMatchObject({ code: 190, error_subcode: 460 });
    expect(meta.calls.at(-1)).toMatchObject({ accountId: ONE.id, refused: 190, endpoint: 'messages' });
  });

  it('delivers bursts', async () => {
    const deliveries = Array.from({ length: 2000 }, (_, n) => meta.deliver(ONE.id, hello(`burst ${n}`)));
    expect((await Promise.all(deliveries)).every((posted) => posted.status === 200)).toBe(true);
  }, 60_000);
});
