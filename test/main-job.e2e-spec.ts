import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  deliveryOf, entryOf, newIgsid, newMid, postbackEvent, sameMidInOtherCase, textEvent, type MessagingItem,
} from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage } from './support/stage.js';

eachDatabase((database) => {
  let stage: Stage;

  let refusals: Promise<PromiseSettledResult<void>>;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    // Takes as long as the pause before a second try: the others have their turn meanwhile.
    refusals = Promise.allSettled([playRefusals()]).then(([result]) => result);
  });

  afterAll(async () => {
    await stage.close();
  });

  it('answers for two accounts of two apps, each by its own rules and with its own token', async () => {
    const bakery = await stage.addAccount();
    const florist = await stage.addAccount();
    await stage.addRule(bakery, { triggerType: 'contains', triggerValue: 'bread', responseTemplate: 'Bread: "{{ text }}" ❤️' });
    await stage.addRule(florist, { triggerType: 'exact', triggerValue: 'ROSES', responseTemplate: 'Roses at {{ account.username }}' });
    await stage.addRule(florist, { triggerType: 'any', priority: 200, responseTemplate: 'Something else' });

    const inBakery = await stage.write(bakery, 'Olá, any bread?');
    const inFlorist = await stage.write(florist, ' roses ');
    const other = await stage.write(florist, 'any bread?');
    const silent = await stage.write(bakery, 'roses');

    await stage.replies(bakery, inBakery.person, 1);
    await stage.replies(florist, inFlorist.person, 1);
    await stage.replies(florist, other.person, 1);
    for (const account of [bakery, florist]) await stage.quiet(account);
    const sends = stage.meta.accepted.filter((send) => [bakery.id, florist.id].includes(send.accountId));
    expect(sends).toHaveLength(3);
    for (const send of sends) {
      expect(send.token).toBe(send.accountId === bakery.id ? bakery.accessToken : florist.accessToken);
    }
    expect(stage.sentTo(inBakery.person)).toEqual(['Bread: "Olá, any bread?" ❤️']);
    expect(stage.sentTo(inFlorist.person)).toEqual([`Roses at ${florist.username}`]);
    expect(stage.sentTo(other.person)).toEqual(['Something else']);
    expect(stage.sentTo(silent.person)).toEqual([]);
    expect(stage.meta.calls.filter((call) => call.tokenInUrl)).toEqual([]);
  });

  it('keeps a conversation as it was: message, reply, and the echo of the reply as the same message', async () => {
    const account = await stage.addAccount();
    const ruleId = await stage.addRule(account, { responseTemplate: 'Hello back' });
    const { person, mid } = await stage.write(account, 'hello');
    await stage.replies(account, person, 1);
    await stage.quiet(account);
    const [message, reply, ...more] = await stage.messages(account, person);
    expect(more).toEqual([]);
    expect(message).toMatchObject({ direction: 'inbound', kind: 'text', text: 'hello', externalId: mid, status: 'received' });
    expect(reply).toMatchObject({ direction: 'outbound', text: 'Hello back', status: 'sent', ruleId, error: null });
    expect(reply!.externalId).toBe(stage.meta.accepted.find((send) => send.recipientId === person)!.mid);
    const conversation = await eventually('the profile', () => stage.conversation(account, person), (answer) => answer.body.participantUsername !== null);
    expect(conversation.body).toMatchObject({
      accountId: account.id, participantId: person, messageCount: 2, participantUsername: `person_${person.slice(-6)}`,
      automation: { paused: false, pausedUntil: null },
    });
  });

  it('a redelivery changes nothing', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'once' });
    const { person, posted } = await stage.write(account, 'hello');
    await stage.replies(account, person, 1);
    await stage.quiet(account);
    const before = await stage.messages(account, person);
    for (let time = 0; time < 3; time++) expect((await stage.meta.redeliver(posted)).status).toBe(200);
    await stage.quiet(account);
    expect(await stage.messages(account, person)).toEqual(before);
    expect(stage.sentTo(person)).toEqual(['once']);
  });

  it('ten identical deliveries at the same instant are one message and one reply', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'once' });
    const person = newIgsid();
    const delivery = deliveryOf(entryOf(account.id, [textEvent({ accountId: account.id, person, mid: newMid() }, 'hello')]));
    const answers = await Promise.all(Array.from({ length: 10 }, () => stage.meta.deliver(account.id, delivery)));
    expect(answers.map((answer) => `${String(answer.status)} ${answer.text}`)).toEqual(Array(10).fill('200 EVENT_RECEIVED'));
    await stage.replies(account, person, 1);
    await stage.quiet(account);
    expect((await stage.messages(account, person)).map((message) => message.direction)).toEqual(['inbound', 'outbound']);
    expect(stage.sentTo(person)).toEqual(['once']);
  });

  it('two mids that differ only in the case of a letter, or in a blank at the end, are different messages', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'got {{ text }}' });
    const mid = newMid();
    const { person } = await stage.write(account, 'first', { mid });
    await stage.write(account, 'second', { mid: sameMidInOtherCase(mid), person });
    await stage.write(account, 'third', { mid: `${mid} `, person });
    await stage.replies(account, person, 3);
    await stage.quiet(account);
    const texts = (await stage.messages(account, person)).filter((message) => message.direction === 'inbound').map((message) => message.text);
    expect(texts.sort()).toEqual(['first', 'second', 'third']);
    expect(stage.sentTo(person).sort()).toEqual(['got first', 'got second', 'got third']);
  });

  it('one delivery of 1000 updates: acknowledged within two seconds, all stored, each conversation in order', async () => {
    const account = await stage.addAccount();
    const people = Array.from({ length: 40 }, newIgsid);
    const began = Date.now() - 60_000;
    const items: MessagingItem[] = Array.from({ length: 1000 }, (_, index) => {
      const address = { accountId: account.id, person: people[index % people.length]!, at: new Date(began + index) };
      return textEvent(address, `message ${String(index)}`);
    });
    const start = performance.now();
    const { status } = await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, items)));
    const seconds = (performance.now() - start) / 1000;
    expect(status).toBe(200);
    expect(seconds).toBeLessThan(2);
    await stage.quiet(account);
    for (const [first, person] of people.entries()) {
      const texts = (await stage.messages(account, person)).map((message) => message.text);
      expect(texts).toEqual(Array.from({ length: 25 }, (_, nth) => `message ${String(first + nth * people.length)}`));
    }
    expect(await stage.events(account, '?status=processed')).toHaveLength(1000);
  });

  it('answers in the order in which a person wrote, also to many messages at once', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: '{{ text }}!' });
    const person = newIgsid();
    const began = Date.now() - 1000;
    const words = ['one', 'two', 'three', 'four', 'five', 'six'];
    const items = words.map((word, index) => textEvent({ accountId: account.id, person, at: new Date(began + index) }, word));
    await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, items)));
    await stage.replies(account, person, words.length);
    expect(stage.sentTo(person)).toEqual(words.map((word) => `${word}!`));
  });

  it('a postback is an inbound message, and a rule for it answers', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { triggerType: 'any', responseTemplate: 'Welcome' });
    const person = newIgsid();
    await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [postbackEvent({ accountId: account.id, person }, 'Get started', 'START')])));
    await stage.replies(account, person, 1);
    const [message] = await stage.messages(account, person);
    expect(message).toMatchObject({ direction: 'inbound', kind: 'postback' });
    expect(stage.sentTo(person)).toEqual(['Welcome']);
  });

  it('tries a temporary refusal again, and writes down a final one', async () => {
    const result = await refusals;
    if (result.status === 'rejected') throw result.reason;
  }, 90_000);

  async function playRefusals(): Promise<void> {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'answer to {{ text }}' });
    stage.meta.failNext({ accountId: account.id, code: 2, text: 'to passing' });
    stage.meta.failNext({ accountId: account.id, code: 100, text: 'to final' });
    const passing = await stage.write(account, 'passing');
    const final = await stage.write(account, 'final');
    await stage.quiet(account, 60);
    expect(stage.sentTo(passing.person)).toEqual(['answer to passing']);
    expect(stage.sentTo(final.person)).toEqual([]);
    const [, failed] = await stage.messages(account, final.person);
    expect(failed).toMatchObject({ status: 'failed', direction: 'outbound' });
    expect(failed!.error).toBeTruthy();
  }
});
