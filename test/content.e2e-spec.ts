import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryOf, entryOf, quickReplyEvent, type RecordedSend } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { ManualSends, type SentView } from './support/manual-sends.js';
import { eventually } from './support/running-service.js';
import { Stage, type MessageView, type TestAccount } from './support/stage.js';

const PNG = 'https://example.com/a.png';
const replies = [{ title: 'Hours', payload: 'HOURS' }, { contentType: 'user_email' }];
const buttons = [{ type: 'web_url', title: 'Look', url: 'https://example.com' }, { type: 'postback', title: 'Ask', payload: 'ASK' }];

/** Everything that can be sent, by hand and by a rule, as Meta sees it and as it is shown. */
eachDatabase((database) => {
  let stage: Stage;
  let account: TestAccount;
  let sends: ManualSends;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    account = await stage.addAccount();
    sends = new ManualSends(stage, account);
  }, 120_000);

  afterAll(async () => {
    await stage.close();
  });

  const to = (person: string): RecordedSend[] => stage.meta.sends.filter((send) => send.recipientId === person);
  const post = (body: object) => sends.post(body);
  const get = (id: string) => sends.get(id);
  const send = (body: object) => sends.untilItsEnd(body);

  async function somebody(): Promise<{ person: string; message: MessageView }> {
    const { person } = await stage.write(account, 'hello');
    const [message] = await eventually('the message', () => stage.messages(account, person), (messages) => messages.length === 1);
    return { person, message: message! };
  }

  describe('by hand', () => {
    const cases: [name: string, content: object, request: object, shown: object][] = [
      ['a text', { text: 'hi' }, { message: { text: 'hi' } }, { kind: 'text', text: 'hi' }],
      ['an image', { attachment: { type: 'image', url: PNG } }, { message: { attachment: { type: 'image', payload: { url: PNG } } } },
        { kind: 'image', text: null, attachments: [{ type: 'image', url: PNG }] }],
      ['a file', { attachment: { type: 'file', url: PNG } }, { message: { attachment: { type: 'file' } } }, { kind: 'file' }],
      ['quick replies', { text: 'What?', quickReplies: replies },
        { message: { text: 'What?', quick_replies: [{ content_type: 'text', title: 'Hours', payload: 'HOURS' }, { content_type: 'user_email' }] } },
        { kind: 'text', text: 'What?', quickReplies: [{ contentType: 'text', ...replies[0] }, { contentType: 'user_email' }] }],
      ['buttons', { text: 'Look:', buttons }, { message: { attachment: { type: 'template', payload: { template_type: 'button', text: 'Look:' } } } },
        { kind: 'button_template', text: 'Look:', buttons }],
      ['cards', { elements: [{ title: 'Dress', imageUrl: PNG, buttons }] },
        { message: { attachment: { type: 'template', payload: { template_type: 'generic', elements: [{ title: 'Dress', image_url: PNG }] } } } },
        { kind: 'generic_template', text: null }],
      ['the heart', { sticker: 'like_heart' }, { message: { attachment: { type: 'like_heart' } } }, { kind: 'like_heart', attachments: [{ type: 'like_heart' }] }],
      ["a person's late answer", { text: 'found', tag: 'HUMAN_AGENT' }, { message: { text: 'found' }, messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }, { text: 'found' }],
    ];

    it.each(cases)('%s is sent once, and its echo is known for ours', async (_, content, request, shown) => {
      const { person } = await somebody();
      expect(await send({ recipientId: person, ...content })).toMatchObject({ status: 'sent', error: null, externalId: expect.any(String), ...shown });
      await stage.quiet(account);
      expect(to(person)).toHaveLength(1);
      expect(to(person)[0]!.body).toMatchObject({ recipient: { id: person }, ...request });
      const listed = await stage.messages(account, person);
      expect(listed.map(({ direction }) => direction)).toEqual(['inbound', 'outbound']);
      expect((await stage.conversation(account, person)).body.automation).toMatchObject({ paused: false });
    });

    it('each is settled by its echo when the answer is lost, and never sent twice', async () => {
      for (const [, content] of cases) {
        const { person } = await somebody();
        stage.meta.failNext({ mode: 'drop', accepted: true, recipientId: person });
        expect(await send({ recipientId: person, ...content })).toMatchObject({ status: 'sent', error: null, externalId: expect.any(String) });
        await stage.quiet(account);
        expect(to(person)).toHaveLength(1);
        expect(await stage.messages(account, person)).toHaveLength(2);
      }
    }, 120_000);

    it("each is settled by Instagram's record where no echo comes", async () => {
      const sent = await Promise.all(cases.map(async ([, content]) => {
        const { person } = await somebody();
        stage.meta.failNext({ mode: 'drop', accepted: true, recipientId: person, echo: 'never' });
        return { person, message: await send({ recipientId: person, ...content }) };
      }));
      for (const { person, message } of sent) {
        expect(message).toMatchObject({ status: 'sent', externalId: expect.any(String) });
        expect(to(person)).toHaveLength(1);
      }
    }, 120_000);

    it('an answer to a message names it, by our id or by Instagram’s', async () => {
      const { person, message } = await somebody();
      for (const replyTo of [message.id, message.externalId]) {
        await send({ recipientId: person, text: `to ${String(replyTo)}`, replyTo });
        expect(to(person).at(-1)!.body).toMatchObject({ reply_to: { mid: message.externalId } });
      }
      const other = await somebody();
      expect(await post({ recipientId: person, text: 'x', replyTo: other.message.id })).toMatchObject({
        status: 422, body: { message: expect.stringContaining(`the conversation has no message ${other.message.id}`) },
      });
    });

    it('a reaction is given and taken back, shown as what it is, and repeated when nobody knows', async () => {
      const { person, message } = await somebody();
      stage.meta.failNext({ mode: 'drop', accepted: true, recipientId: person });
      const reaction = { messageId: message.id, reaction: '❤️' };
      expect(await send({ recipientId: person, reaction })).toMatchObject({
        kind: 'reaction', status: 'sent', externalId: null, text: null, reaction: { action: 'react', ...reaction },
      });
      await send({ recipientId: person, reaction: { messageId: message.externalId, action: 'unreact' } });
      expect(to(person).map(({ body }) => body)).toEqual([
        { recipient: { id: person }, sender_action: 'react', payload: { message_id: message.externalId, reaction: '❤️' } },
        { recipient: { id: person }, sender_action: 'react', payload: { message_id: message.externalId, reaction: '❤️' } },
        { recipient: { id: person }, sender_action: 'unreact', payload: { message_id: message.externalId } },
      ]);
      await stage.quiet(account);
      expect((await stage.messages(account, person)).map(({ kind }) => kind)).toEqual(['text', 'reaction', 'reaction']);
      expect((await post({ recipientId: person, reaction: { messageId: 'unknown', reaction: 'love' } })).status).toBe(422);
    });

    it('typing and seen go out, can be asked for, and have no place among the messages', async () => {
      const { person } = await somebody();
      const before = (await stage.conversation(account, person)).body;
      for (const action of ['typing_on', 'typing_off', 'mark_seen']) {
        expect(await send({ recipientId: person, action })).toMatchObject({ kind: action, status: 'sent', externalId: null, text: null });
      }
      expect(to(person).map(({ body }) => body)).toEqual(['typing_on', 'typing_off', 'mark_seen'].map((action) => ({ recipient: { id: person }, sender_action: action })));
      expect(await stage.messages(account, person)).toHaveLength(1);
      const { messageCount, lastMessageAt } = (await stage.conversation(account, person)).body;
      expect({ messageCount, lastMessageAt }).toEqual({ messageCount: before.messageCount, lastMessageAt: before.lastMessageAt });
      await send({ recipientId: person, text: 'after' });
      expect((await stage.messages(account, person)).map(({ text }) => text)).toEqual(['hello', 'after']);
    });

    it('typing that fails is given up, and holds up nothing', async () => {
      const { person } = await somebody();
      stage.meta.failNext({ mode: 'status', status: 502, recipientId: person });
      const typing = await post({ recipientId: person, action: 'typing_on' });
      expect(await send({ recipientId: person, text: 'after' })).toMatchObject({ status: 'sent' });
      expect(await get(typing.body.id)).toMatchObject({ status: 'failed', error: expect.stringContaining('tried 1 times') });
      expect(to(person)).toHaveLength(2);
    });

    it('one call asks for one thing', async () => {
      const { person } = await somebody();
      const key = { 'idempotency-key': 'k' };
      const again = (body: object) => stage.service.api<SentView>('POST', `/accounts/${account.id}/messages`, { recipientId: person, ...body }, key);
      const first = await again({ text: 'What?', quickReplies: replies });
      expect((await again({ text: 'What?', quickReplies: replies })).body.id).toBe(first.body.id);
      expect((await again({ text: 'What?' })).status).toBe(409);
      const refused = await post({ recipientId: person, text: 'x', sticker: 'like_heart', quickReplies: [{ title: 'x'.repeat(21), payload: '' }] });
      expect(refused.status).toBe(400);
      expect(refused.text).toContain('quickReplies.0.title must have 1 to 20 characters');
      expect((await post({ recipientId: person, text: 'x', sticker: 'like_heart' })).text).toContain('text and sticker cannot go in one message');
    });
  });

  describe('by a rule', () => {
    const rule = (shop: TestAccount, more: object) => stage.service.api<Readonly<Record<string, unknown>>>('POST', `/accounts/${shop.id}/rules`, {
      name: 'r', triggerType: 'any', responseTemplate: 'Hello {{ text }}', ...more,
    });

    it('typing is seen, the answer waits, and its quick reply starts the next rule', async () => {
      const shop = await stage.addAccount();
      const made = await rule(shop, { quickReplies: [replies[0]], media: { type: 'image', url: PNG }, typingSeconds: 2 });
      const quickReplies = [{ contentType: 'text', ...replies[0] }];
      expect(made).toMatchObject({ status: 201, body: { quickReplies, media: { type: 'image', url: PNG }, typingSeconds: 2 } });
      await rule(shop, { triggerType: 'quick_reply', triggerValue: 'hours', priority: 1, responseTemplate: 'From 9 to 17', buttons });
      const tried = await stage.service.api('POST', `/accounts/${shop.id}/rules/test`, { text: 'you' });
      expect(tried.body).toMatchObject({ matched: true, reply: 'Hello you', quickReplies, media: { url: PNG }, typingSeconds: 2 });

      const { person } = await stage.write(shop, 'you');
      await stage.replies(shop, person, 2);
      const [typing, image, text] = to(person);
      expect(typing!.body).toEqual({ recipient: { id: person }, sender_action: 'typing_on' });
      expect(image!.body).toMatchObject({ message: { attachment: { type: 'image' } } });
      expect(text!.body).toMatchObject({ message: { text: 'Hello you', quick_replies: [{ content_type: 'text', ...replies[0] }] } });
      expect(image!.at.getTime() - typing!.at.getTime()).toBeGreaterThan(1_500);
      expect(await stage.messages(shop, person)).toMatchObject([
        { direction: 'inbound' }, { kind: 'image', ruleId: made.body.id }, { kind: 'text', text: 'Hello you', quickReplies },
      ]);
      await stage.meta.deliver(shop.id, deliveryOf(entryOf(shop.id, [quickReplyEvent({ accountId: shop.id, person }, 'Hours', 'HOURS')])));
      await stage.replies(shop, person, 3);
      expect(to(person).at(-1)!.body).toMatchObject({ message: { attachment: { payload: { template_type: 'button', text: 'From 9 to 17' } } } });
      await stage.quiet(shop);
      expect(to(person)).toHaveLength(4);
      expect((await stage.conversation(shop, person)).body).toMatchObject({ messageCount: 5, automation: { paused: false } });
    });

    it('a plain rule is shown as plainly as ever, and what cannot go together is refused when it is saved', async () => {
      const shop = await stage.addAccount();
      const plain = await rule(shop, {});
      expect(Object.keys(plain.body).sort()).toEqual([
        'accountId', 'cooldownSeconds', 'createdAt', 'enabled', 'id', 'name', 'priority', 'responseTemplate', 'triggerType', 'triggerValue', 'updatedAt',
      ]);
      const path = `/accounts/${shop.id}/rules/${String(plain.body['id'])}`;
      expect(await stage.service.api('PATCH', path, { quickReplies: replies, buttons })).toMatchObject({
        status: 400, body: { message: [expect.stringContaining('quickReplies and buttons cannot go in one message')] },
      });
      expect((await stage.service.api('PATCH', path, { quickReplies: replies })).body).toMatchObject({ quickReplies: expect.any(Array) });
      expect((await stage.service.api('PATCH', path, { quickReplies: null })).body).toEqual({ ...plain.body, updatedAt: expect.any(String) });
      const bad: [object, string][] = [
        [{ typingSeconds: 21 }, 'typingSeconds must not be greater than 20'],
        [{ quickReplies: [{ title: 'x'.repeat(21), payload: 'P' }] }, 'quickReplies.0.title must have 1 to 20 characters'],
        [{ buttons: [{ type: 'web_url', title: 'a' }] }, 'buttons.0.url must be a URL address'],
        [{ media: { type: 'gif', url: PNG } }, 'media.type must be one of'],
        [{ responseTemplate: '' }, 'responseTemplate must not be empty: only a rule with media'],
        [{ triggerType: 'comment', media: { type: 'image', url: PNG } }, 'media cannot answer a comment'],
      ];
      for (const [body, words] of bad) {
        const answer = await stage.service.api('PATCH', path, body);
        expect(answer.status).toBe(400);
        expect(answer.text).toContain(words);
      }
    });
  });
});
