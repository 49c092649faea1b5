import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { sign } from '../src/crypto/index.js';
import {
  deliveryOf, entryOf, newIgsid, newMid, testButtonDelivery, textEvent, unknownEvent,
} from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type EventView, type TestAccount } from './support/stage.js';

interface UnroutedView extends EventView {
  readonly receivedAt: string;
}

eachDatabase((database) => {
  let stage: Stage;
  let account: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'reply' });
  });

  afterAll(async () => {
    await stage.close();
  });

  const unrouted = () => stage.service.list<UnroutedView>('/events/unrouted');
  const hello = (id: string, person: string, mid = newMid()) =>
    deliveryOf(entryOf(id, [textEvent({ accountId: id, person, mid }, 'hello')]));

  describe('the handshake', () => {
    it('gives the challenge back as it came', async () => {
      const answer = await stage.meta.handshake(account.id, account.verifyToken);
      expect(answer).toMatchObject({ status: 200, text: answer.challenge });
      expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    });

    it('knows every account’s token at the shared address, and only there', async () => {
      const other = await stage.addAccount();
      for (const token of [account.verifyToken, other.verifyToken]) {
        expect((await stage.meta.handshake(stage.sharedAddress, token)).status).toBe(200);
      }
      expect((await stage.meta.handshake(stage.sharedAddress, 'nobody’s')).status).toBe(403);
      expect((await stage.meta.handshake(account.id, other.verifyToken)).status).toBe(403);
    });

    it('refuses what is not one', async () => {
      expect((await stage.meta.handshake(account.id, 'wrong')).status).toBe(403);
      expect((await stage.meta.handshake(account.id, account.verifyToken, 'unsubscribe')).status).toBe(400);
      expect((await fetch(stage.addressOf(account))).status).toBe(400);
      expect((await stage.meta.handshake(`${stage.sharedAddress}/999`, account.verifyToken)).status).toBe(404);
    });
  });

  it('refuses a forged delivery and stores nothing of it', async () => {
    const person = newIgsid();
    const body = hello(account.id, person);
    const before = (await unrouted()).length;
    const answers = await Promise.all([
      stage.meta.deliver(account.id, body, { secret: 'a guess' }),
      stage.meta.deliver(account.id, body, { secret: '' }),
      stage.meta.deliver(account.id, body, { signature: null }),
      stage.meta.deliver(account.id, body, { signature: 'sha256=abc' }),
      stage.meta.deliver(account.id, body, { signature: `sha1=${'0'.repeat(40)}` }),
      stage.meta.deliver(account.id, Buffer.from('not json'), { secret: 'a guess' }),
      stage.meta.deliver(stage.sharedAddress, body, { secret: 'a guess' }),
      stage.meta.deliver(stage.sharedAddress, testButtonDelivery(), { secret: 'a guess' }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(Array(answers.length).fill(401));
    expect(await stage.messages(account, person)).toEqual([]);
    expect(await stage.events(account, '?status=pending')).toEqual([]);
    expect(await unrouted()).toHaveLength(before);
  });

  it('answers 404, 400, 413 and 415 as promised', async () => {
    const url = stage.addressOf(account);
    const signed = { secret: account.appSecret };
    const status = async (body: unknown, options = {}, to = url) => (await stage.meta.deliver(to, body, { ...signed, ...options })).status;
    expect(await status(hello('999', newIgsid()), {}, `${stage.sharedAddress}/999`)).toBe(404);
    expect(await status(Buffer.from('{"object":'))).toBe(400);
    expect(await status(Buffer.from(''))).toBe(400);
    const limit = 10 * 1024 * 1024;
    expect(await status(Buffer.alloc(limit, ' ').fill('{}', 0, 2))).toBe(200);
    expect(await status(Buffer.alloc(limit + 1, ' ').fill('{}', 0, 2))).toBe(413);
    expect(await status(gzipSync('{}'), { headers: { 'content-encoding': 'gzip' } })).toBe(415);
  });

  it('knows its address in whatever case, and in a whole URL as proxies send it', async () => {
    const { port } = stage.service;
    const lines = [`POST /WEBHOOKS/Instagram/${account.id}`, `POST http://127.0.0.1:${String(port)}/webhooks/instagram/${account.id}`];
    for (const line of lines) {
      const body = JSON.stringify(hello(account.id, newIgsid()));
      const head = [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', `Content-Length: ${String(body.length)}`, `X-Hub-Signature-256: ${sign(Buffer.from(body), account.appSecret)}`];
      const socket = connect(port, '127.0.0.1');
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  it('is not kept from its deliveries by bodies that are announced and never come', async () => {
    const { port } = stage.service;
    const announced = [...Array<number>(13).fill(10 * 1024 * 1024), ...Array<number>(300).fill(256 * 1024)];
    const sockets = announced.map((length) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`POST /webhooks/instagram/${account.id} HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(length)}\r\n\r\n`);
      return socket;
    });
    const large = Buffer.alloc(1024 * 1024, ' ').fill('{}', 0, 2);
    await eventually('a large delivery refused', async () => (await stage.meta.deliver(account.id, large)).status, (status) => status === 503, 5);
    await eventually('a large delivery taken', async () => (await stage.meta.deliver(account.id, large)).status, (status) => status === 200, 4);
    expect(await text(sockets[0]!)).toMatch(/^HTTP\/1\.1 408 /);
    for (const socket of sockets) socket.destroy();
  });

  it('takes every JSON value, whatever its content type', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const odd = ['null', '5', '"text"', '[]', '{}', '{"object":"instagram"}', '{"object":"instagram","entry":[null,5,{"id":7}]}', '{"object":"page","entry":[]}', deep];
    for (const text of odd) {
      for (const type of ['application/json', 'text/plain', 'application/json; charset=latin1']) {
        const answer = await stage.meta.deliver(account.id, Buffer.from(text), { secret: account.appSecret, headers: { 'content-type': type } });
        expect(`${text.slice(0, 50)} ${type} ${String(answer.status)} ${answer.text}`).toBe(`${text.slice(0, 50)} ${type} 200 EVENT_RECEIVED`);
      }
    }
  });

  it('routes by entry at the shared address, several accounts of one app in one delivery', async () => {
    const sibling = await stage.addAccount({}, account.appSecret);
    await stage.addRule(sibling, { responseTemplate: 'sibling' });
    const [one, two] = [newIgsid(), newIgsid()];
    const delivery = deliveryOf(...hello(account.id, one).entry, ...hello(sibling.id, two).entry);
    expect((await stage.meta.deliver(stage.sharedAddress, delivery, { secret: account.appSecret })).status).toBe(200);
    await stage.replies(account, one, 1);
    await stage.replies(sibling, two, 1);
    const three = newIgsid();
    expect((await stage.meta.deliver(account.id, hello(sibling.id, three))).status).toBe(200);
    await stage.replies(sibling, three, 1);
    expect(stage.meta.accepted.find((send) => send.recipientId === two)!.token).toBe(sibling.accessToken);
  });

  it('serves several apps at the shared address, and tells nobody which accounts exist', async () => {
    const apps = await Promise.all(['one', 'two', 'three'].map(async (name) => {
      const members = [await stage.addAccount({}, `secret-of-${name}`), await stage.addAccount({}, `secret-of-${name}`)];
      for (const member of members) await stage.addRule(member, { responseTemplate: `reply of ${name}` });
      return { name, members, secret: `secret-of-${name}` };
    }));
    const strangers = Array.from({ length: 300 }, (_, i) => String(990_000_000 + i));
    const everybody = apps.flatMap(({ members }) => members.map(({ id }) => id));
    const naming = (ids: readonly string[], person = newIgsid()) =>
      deliveryOf(...ids.flatMap((id) => [...hello(id, person).entry]));
    for (const { name, members, secret } of apps) {
      const person = newIgsid();
      // Each app's delivery names its accounts behind many that are none of ours, and beside those of the others.
      const posted = await stage.meta.deliver(stage.sharedAddress, naming([...strangers, ...everybody], person), { secret });
      expect(`${name} ${String(posted.status)} ${posted.text}`).toBe(`${name} 200 EVENT_RECEIVED`);
      for (const member of members) await stage.replies(member, person, 1);
      expect(stage.sentTo(person)).toEqual(members.map(() => `reply of ${name}`));
      expect((await stage.meta.deliver(stage.sharedAddress, testButtonDelivery(), { secret })).status).toBe(200);
    }
    const refusals = await Promise.all(
      [everybody, strangers, [...strangers, ...everybody], ['0'], ['0', ...everybody], []].map((ids) =>
        stage.meta.deliver(stage.sharedAddress, naming(ids), { secret: 'a guess' })),
    );
    const plain = refusals.map(({ status, text }) => `${String(status)} ${text.replace(/"requestId":"[^"]*"/, '')}`);
    expect(new Set(plain).size).toBe(1);
    expect(plain[0]).toMatch(/^401 /);
  });

  it('lets no app write to another app’s account', async () => {
    const victim = await stage.addAccount();
    await stage.addRule(victim, { responseTemplate: 'fooled' });
    const person = newIgsid();
    const mid = newMid();
    const foreign = hello(victim.id, person, mid);
    expect((await stage.meta.deliver(account.id, foreign)).status).toBe(200);
    expect((await stage.meta.deliver(stage.addressOf(victim), foreign, { secret: account.appSecret })).status).toBe(401);
    expect((await stage.meta.deliver(stage.sharedAddress, foreign, { secret: account.appSecret })).status).toBe(401);
    const mixed = deliveryOf(...foreign.entry, ...hello(account.id, newIgsid()).entry);
    expect((await stage.meta.deliver(stage.sharedAddress, mixed, { secret: account.appSecret })).status).toBe(200);
    for (const each of [account, victim]) await stage.quiet(each);
    expect(await stage.messages(victim, person)).toEqual([]);
    expect(await stage.events(victim)).toEqual([]);
    expect(stage.sentTo(person)).toEqual([]);
    expect(JSON.stringify(await unrouted())).toContain(mid);
    // Nor does it stop the real one: the foreign copy does not occupy the mid.
    expect((await stage.meta.deliver(victim.id, foreign)).status).toBe(200);
    await stage.replies(victim, person, 1);
  });

  it('keeps what belongs to nobody, for administrators only', async () => {
    const stranger = newMid();
    expect((await stage.meta.deliver(stage.sharedAddress, testButtonDelivery(), { secret: account.appSecret })).status).toBe(200);
    expect((await stage.meta.deliver(account.id, hello('123456789', newIgsid(), stranger))).status).toBe(200);
    expect((await stage.meta.deliver(account.id, { object: 'page', entry: [{ id: account.id, changes: [] }] })).status).toBe(200);
    const kept = JSON.stringify(await unrouted());
    expect(kept).toContain('random_mid');
    expect(kept).toContain(stranger);
    expect(kept).toContain('page');
    expect((await unrouted())[0]).toMatchObject({ status: 'ignored', attempts: 0, error: null, decision: { queued: [], stopped: expect.any(String) } });
    for (const role of ['operator', 'viewer']) {
      const { body } = await stage.service.api<{ key: string }>('POST', '/api-keys', { name: role, role });
      const answer = await stage.service.api('GET', '/events/unrouted', undefined, { authorization: `Bearer ${body.key}` });
      expect(answer.status).toBe(403);
    }
  });

  it('keeps a kind it does not know, with its payload', async () => {
    const person = newIgsid();
    await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [unknownEvent({ accountId: account.id, person })])));
    const ignored = await eventually('the ignored event', () => stage.events(account, '?status=ignored'), (events) => events.length > 0);
    expect(JSON.stringify(ignored)).toContain('tomorrows_feature');
    const metrics = await fetch(`${stage.service.url}/metrics`, { headers: { authorization: `Bearer ${stage.service.adminKey}` } });
    expect(await metrics.text()).toMatch(new RegExp(`events_settled_total\\{kind="${ignored[0]!.kind}",result="ignored"\\} [1-9]`));
    expect((await stage.service.api('GET', `/accounts/${account.id}/events?status=nonsense`)).status).toBe(400);
  });

  it('keeps a delivery of a million events as one, once, and goes on', async () => {
    const shop = await stage.addAccount();
    await stage.addRule(shop, { responseTemplate: 'still here' });
    const before = (await unrouted()).length;
    const distinct = Array.from({ length: 1_330_000 }, (_, i) => i).join(',');
    const own = `{"object":"instagram","entry":[{"id":"${shop.id}","messaging":[${distinct}]}]}`;
    const nobodys = `{"entry":[0${',0'.repeat(5_200_000)}]}`;
    const named = `{"object":"instagram","entry":[{"id":"${account.id}"}${',0'.repeat(20_000)},{"id":"${shop.id}"}]}`;
    for (const [body, to] of [[own, shop.id], [nobodys, shop.id], [own, stage.sharedAddress], [nobodys, shop.id], [named, stage.sharedAddress]] as const) {
      expect(body.length).toBeLessThan(10 * 1024 * 1024);
      const answer = await stage.meta.deliver(to, Buffer.from(body), { secret: shop.appSecret });
      expect(`${String(answer.status)} ${answer.text}`).toBe('200 EVENT_RECEIVED');
    }
    const why = expect.stringContaining('more than 10000 events');
    expect(await stage.events(shop)).toMatchObject([
      { kind: 'unknown', status: 'ignored', decision: { stopped: why }, payload: { moreEventsThan: 10_000, tooLarge: own.length, beginning: own.slice(0, 10_000) } },
    ]);
    const kept = await unrouted();
    expect(kept).toHaveLength(before + 2);
    expect(kept.slice(0, 2)).toMatchObject([{ kind: 'unknown', decision: { stopped: why } }, { kind: 'unknown', decision: { stopped: why } }]);
    const { person } = await stage.write(shop, 'hello');
    await stage.replies(shop, person, 1);
    expect(stage.sentTo(person)).toEqual(['still here']);
  });

  it('shows events with what was decided, and replays one without doing it twice', async () => {
    const shop = await stage.addAccount();
    const ruleId = await stage.addRule(shop, { responseTemplate: 'reply' });
    const { person, mid } = await stage.write(shop, 'hello');
    await stage.replies(shop, person, 1);
    await stage.quiet(shop);
    const event = (await stage.events(shop)).find((candidate) => JSON.stringify(candidate.payload).includes(mid))!;
    expect(event).toMatchObject({ kind: 'message', status: 'processed', error: null });
    expect(JSON.stringify(event)).toContain(`"ruleId":${String(ruleId)}`);
    const replayed = await stage.service.api('POST', `/accounts/${shop.id}/events/${event.id}/replay`);
    expect(replayed.status).toBe(202);
    await stage.quiet(shop);
    expect(await stage.messages(shop, person)).toHaveLength(2);
    expect(stage.sentTo(person)).toEqual(['reply']);
    expect((await stage.service.api('POST', `/accounts/${shop.id}/events/999999999/replay`)).status).toBe(404);
    expect((await stage.service.api('POST', `/accounts/${account.id}/events/${event.id}/replay`)).status).toBe(404);
  });
});
