import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryOf, echoEvent, entryOf, newIgsid } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type MessageView, type TestAccount } from './support/stage.js';

interface Automation {
  readonly paused: boolean;
  readonly pausedUntil: string | null;
  readonly reason: string | null;
}

eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
  });

  afterAll(async () => {
    await stage.close();
  });

  it('an inactive account records and sends nothing, then or later', async () => {
    const account = await stage.addAccount({ status: 'inactive' });
    await stage.addRule(account, { responseTemplate: 'reply' });
    const { person } = await stage.write(account, 'hello');
    await stage.quiet(account);
    expect(await stage.messages(account, person)).toMatchObject([{ direction: 'inbound', text: 'hello' }]);
    // Some of these are applied only when it is on.
    const late = await Promise.all(Array.from({ length: 30 }, () => stage.write(account, 'just before')));
    await stage.service.api('PATCH', `/accounts/${account.id}`, { status: 'active' });
    await stage.write(account, 'again', { person });
    await stage.replies(account, person, 1);
    await stage.quiet(account);
    expect(stage.sentTo(person)).toEqual(['reply']);
    expect(late.flatMap((one) => stage.sentTo(one.person))).toEqual([]);
  });

  it('a rule stays silent in a conversation for its cooldown, and the next one answers', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { priority: 1, cooldownSeconds: 3600, responseTemplate: 'first' });
    await stage.addRule(account, { priority: 2, triggerType: 'exact', triggerValue: 'more', responseTemplate: 'second' });
    const { person } = await stage.write(account, 'hello');
    await stage.write(account, 'hello', { person });
    await stage.write(account, 'more', { person });
    const other = await stage.write(account, 'more');
    await stage.replies(account, person, 2);
    await stage.replies(account, other.person, 1);
    await stage.quiet(account);
    expect(stage.sentTo(person)).toEqual(['first', 'second']);
    expect(stage.sentTo(other.person)).toEqual(['first']);
  });

  it('pausing automation keeps rules from answering until somebody resumes it', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'to {{ text }}' });
    const { person } = await stage.write(account, 'one');
    await stage.replies(account, person, 1);
    const path = `/accounts/${account.id}/conversations/${account.id}:${person}`;
    const paused = await stage.service.api('PATCH', path, { automation: { paused: true } });
    expect(paused).toMatchObject({ status: 200, body: { automation: { paused: true, pausedUntil: null } } });
    await stage.write(account, 'two', { person });
    await stage.quiet(account);
    expect(stage.sentTo(person)).toEqual(['to one']);
    await stage.service.api('PATCH', path, { automation: { paused: false } });
    await stage.write(account, 'three', { person });
    await stage.replies(account, person, 2);
    await stage.quiet(account);
    expect(stage.sentTo(person)).toEqual(['to one', 'to three']);
    const audit = await stage.service.list(`/audit?accountId=${account.id}&action=conversation.automation`);
    expect(audit).toHaveLength(2);
  });

  describe('a person', () => {
    const automationOf = async (account: TestAccount, person: string) => (await stage.conversation(account, person)).body.automation as Automation;
    const patch = (account: TestAccount, person: string, automation: object) =>
      stage.service.api('PATCH', `/accounts/${account.id}/conversations/${account.id}:${person}`, { automation });

    it('who answers at a phone is left alone for the account’s minutes, unless an operator resumes', async () => {
      const account = await stage.addAccount({ settings: { takeoverMinutes: 10 } });
      await stage.addRule(account, { responseTemplate: 'to {{ text }}' });
      const { person } = await stage.write(account, 'one');
      await stage.replies(account, person, 1);
      await stage.quiet(account);
      // The echo of our own reply is no takeover.
      expect(await automationOf(account, person)).toEqual({ paused: false, pausedUntil: null, reason: null });
      const typed = new Date();
      const echo = echoEvent({ accountId: account.id, person, at: typed }, { text: 'I will look myself' });
      await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [echo])));
      await stage.write(account, 'two', { person });
      await stage.quiet(account);
      expect(await automationOf(account, person)).toEqual({
        paused: true, pausedUntil: new Date(typed.getTime() + 600_000).toISOString(), reason: 'takeover',
      });
      expect(stage.sentTo(person)).toEqual(['to one']);
      expect((await stage.messages(account, person)).map(({ direction, text }) => `${direction} ${String(text)}`)).toContain('outbound I will look myself');
      expect(await patch(account, person, { paused: false })).toMatchObject({ status: 200, body: { automation: { paused: false, reason: null } } });
      await stage.write(account, 'three', { person });
      await stage.replies(account, person, 3);
      expect(stage.sentTo(person)).toEqual(['to one', 'to three']);
    });

    it('who opts out gets one confirmation and nothing more, until they opt in, or an operator resumes', async () => {
      const account = await stage.addAccount({ settings: { optOutWords: ['stop'], optInWords: ['start'], optInConfirmation: 'Welcome back' } });
      expect((await stage.service.api('GET', `/accounts/${account.id}`)).body.settings).toMatchObject({ optInConfirmation: 'Welcome back' });
      await stage.addRule(account, { responseTemplate: 'to {{ text }}' });
      const { person } = await stage.write(account, ' STOP ');
      for (const words of ['stop', 'hello?']) await stage.write(account, words, { person });
      await stage.quiet(account);
      expect(await automationOf(account, person)).toEqual({ paused: true, pausedUntil: null, reason: 'opted_out' });
      await stage.write(account, 'Start', { person });
      await stage.write(account, 'hours?', { person });
      await stage.quiet(account);
      expect(stage.sentTo(person)).toEqual([
        'You will get no more automatic answers. Send "start" to get them again.', 'Welcome back', 'to hours?',
      ]);
      await stage.write(account, 'stop', { person });
      await stage.quiet(account);
      expect(await patch(account, person, { paused: true })).toMatchObject({ status: 200, body: { automation: { reason: 'opted_out' } } });
      expect(await patch(account, person, { paused: false })).toMatchObject({ status: 200, body: { automation: { paused: false } } });
      // That the customer's own word was overruled must not look like the end of a pause.
      const trail = await stage.service.list<{ changes: object }>(`/audit?accountId=${account.id}&action=conversation.automation`);
      expect(trail.map(({ changes }) => changes)).toEqual([
        { paused: false, pausedUntil: null, optedOut: false }, { paused: true, pausedUntil: null },
      ]);
      await stage.write(account, 'prices?', { person });
      await stage.replies(account, person, 5);
      expect(stage.sentTo(person).at(-1)).toBe('to prices?');
      const { body } = await stage.service.api('PATCH', `/accounts/${account.id}`, { settings: { optInConfirmation: null } });
      expect(body.settings).not.toHaveProperty('optInConfirmation');
      expect((await stage.service.api('PATCH', `/accounts/${account.id}`, { settings: { optOutConfirmation: 'é'.repeat(501) } })).status).toBe(400);
      expect((await stage.service.api('PATCH', `/accounts/${account.id}`, { settings: { optOutConfirmation: ' ' } })).status).toBe(400);
    });
  });

  it('two accounts that answer each other stop, and go on when a person has stepped in', async () => {
    const [one, other] = [await stage.addAccount({ settings: { maxAutomaticTurns: 4 } }), await stage.addAccount({ settings: { maxAutomaticTurns: 4 } })];
    for (const account of [one, other]) await stage.addRule(account, { responseTemplate: 'and you?' });
    // Each is a person to the other, with an id of its own there.
    const [otherAtOne, oneAtOther] = [newIgsid(), newIgsid()];
    let carried = 0;
    /** What one of them has sent is what the other is written. */
    const carry = async () => {
      for (; carried < stage.meta.accepted.length; carried++) {
        const send = stage.meta.accepted[carried]!;
        if (send.recipientId === otherAtOne) await stage.write(other, send.text ?? '', { person: oneAtOther });
        if (send.recipientId === oneAtOther) await stage.write(one, send.text ?? '', { person: otherAtOne });
      }
    };
    const untilSilent = async () => {
      for (let before = -1; before !== stage.meta.accepted.length; ) {
        before = stage.meta.accepted.length;
        await carry();
        for (const account of [one, other]) await stage.quiet(account);
      }
    };
    carried = stage.meta.accepted.length;
    await stage.write(one, 'how are you?', { person: otherAtOne });
    await untilSilent();
    expect([stage.sentTo(otherAtOne).length, stage.sentTo(oneAtOther).length]).toEqual([4, 4]);
    const stopped = (await stage.events(one)).map((event) => JSON.stringify(event)).filter((text) => text.includes('loop guard'));
    expect(stopped).toHaveLength(1);
    const sent = await stage.service.api('POST', `/accounts/${one.id}/messages`, { recipientId: otherAtOne, text: 'It is me' });
    expect(sent.status).toBe(202);
    await stage.quiet(one);
    await stage.write(one, 'hello?', { person: otherAtOne });
    await stage.quiet(one);
    expect(stage.sentTo(otherAtOne)).toHaveLength(6);
  }, 120_000);

  it('a person’s message is sent once for one Idempotency-Key', async () => {
    const account = await stage.addAccount();
    const { person } = await stage.write(account, 'hello');
    await eventually('the message', () => stage.messages(account, person), (messages) => messages.length === 1);
    const send = (body: unknown, key = 'order-1') =>
      stage.service.api<MessageView>('POST', `/accounts/${account.id}/messages`, body, { 'idempotency-key': key });
    const body = { recipientId: person, text: 'Your order is on its way' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(body)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(5).fill(202));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers[0]!.body).toMatchObject({ direction: 'outbound', text: body.text, conversationId: `${account.id}:${person}` });
    expect((await send({ ...body, text: 'another' })).status).toBe(409);
    expect((await send(body, 'order-2')).status).toBe(202);
    await stage.replies(account, person, 2);
    await stage.quiet(account);
    expect(stage.sentTo(person)).toEqual([body.text, body.text]);
    const message = await stage.service.api<MessageView>('GET', `/accounts/${account.id}/messages/${answers[0]!.body.id}`);
    expect(message.body).toMatchObject({ status: 'sent', text: body.text });
    const again = await send(body);
    expect(again).toMatchObject({ status: 202, body: { id: message.body.id } });
    const audit = await stage.service.list(`/audit?accountId=${account.id}`);
    expect(audit.filter((entry) => String(entry.action).startsWith('message.'))).toHaveLength(2);
  });

  it('refuses a message that cannot be sent, and says why', async () => {
    const account = await stage.addAccount();
    const { person } = await stage.write(account, 'hello');
    await eventually('the message', () => stage.messages(account, person), (messages) => messages.length === 1);
    let key = 0;
    const status = async (body: unknown) => {
      key += 1;
      return (await stage.service.api('POST', `/accounts/${account.id}/messages`, body, { 'idempotency-key': String(key) })).status;
    };
    expect(await status({ recipientId: person, text: '' })).toBe(400);
    expect(await status({ recipientId: person, text: 'é'.repeat(501) })).toBe(400);
    expect(await status({ recipientId: person })).toBe(400);
    expect(await status({ recipientId: person, text: 'a', attachment: { type: 'image', url: 'https://example.com/a.png' } })).toBe(400);
    expect(await status({ recipientId: newIgsid(), text: 'never seen' })).toBe(422);
    expect(await status({ recipientId: person, text: 'é'.repeat(500) })).toBe(202);
  });

  it('verifies a token with Meta', async () => {
    const account = await stage.addAccount();
    const verify = () => stage.service.api('POST', `/accounts/${account.id}/verify`);
    expect(await verify()).toMatchObject({ status: 200, body: { ok: true, userId: account.id, username: account.username, error: null } });
    expect((await stage.service.api('GET', `/accounts/${account.id}`)).body.tokenStatus).toBe('valid');
    stage.meta.revokeToken(account.accessToken);
    expect(await verify()).toMatchObject({ status: 200, body: { ok: false } });
    expect((await stage.service.api('GET', `/accounts/${account.id}`)).body.tokenStatus).toBe('invalid');
  });

  it('deleting an account takes its data with it, and nobody else’s', async () => {
    const account = await stage.addAccount();
    const other = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'reply', cooldownSeconds: 60 });
    const { person } = await stage.write(account, 'hello');
    const stays = await stage.write(other, 'hello');
    await stage.replies(account, person, 1);
    await stage.quiet(account);
    expect((await stage.service.api('DELETE', `/accounts/${account.id}`)).status).toBe(204);
    for (const path of ['', '/rules', '/events', '/conversations', `/conversations/${account.id}:${person}/messages`]) {
      expect((await stage.service.api('GET', `/accounts/${account.id}${path}`)).status).toBe(404);
    }
    expect((await stage.meta.handshake(account.id, account.verifyToken)).status).toBe(404);
    expect((await stage.meta.deliver(account.id, {})).status).toBe(404);
    expect(await stage.messages(other, stays.person)).toHaveLength(1);
    // Its rows go behind the answer; when they have gone, the same account may be added anew and knows nothing of before.
    const anew = await eventually(
      'the id to be free again',
      () => stage.service.api('POST', '/accounts', { id: account.id, username: 'anew', accessToken: 'IGAAanew', appSecret: 'anew' }),
      (answer) => answer.status === 201,
    );
    expect(anew.body.username).toBe('anew');
    for (const path of ['/rules', '/events', '/conversations']) {
      expect(await stage.service.list(`/accounts/${account.id}${path}`)).toEqual([]);
    }
  });
});
