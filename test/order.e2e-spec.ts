import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deliveryOf, editEvent, entryOf, newIgsid, newMid, reactionEvent, readEvent, textEvent, unsendEvent, withoutPeople, type MessagingItem } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type MessageView, type TestAccount } from './support/stage.js';

interface ChangedMessage extends MessageView {
  readonly readAt: string | null;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly reactions: readonly unknown[];
}

const MESSAGES = 150;

/** Meta promises no order: what changes a message may come before it, and at the very same moment, in another lane. */
eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
  });

  afterAll(async () => {
    await stage.close();
  });

  const deliver = async (account: TestAccount, items: readonly MessagingItem[]) => {
    const posted = await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, items)));
    expect(posted.status).toBe(200);
  };

  it('a message and its changes at one moment, some of which name nobody, end as if they had come in order', async () => {
    const account = await stage.addAccount();
    const person = newIgsid();
    const to = { accountId: account.id, person };
    const mids = Array.from({ length: MESSAGES }, () => newMid());
    const at = (second: number) => new Date(Date.now() - 60_000 + second * 1000);
    const when = new Map(mids.map((mid) => [mid, at(0)]));
    const posts = mids.flatMap((mid, i) => [
      () => deliver(account, [textEvent({ ...to, mid, at: when.get(mid)! }, 'first')]),
      () => deliver(account, [withoutPeople(readEvent({ ...to, at: at(20) }, mid))]),
      () => deliver(account, [withoutPeople(editEvent({ ...to, at: at(10) }, mid, 'second', 1)), withoutPeople(editEvent({ ...to, at: at(1) }, mid, undefined, 0))]),
      () => deliver(account, [reactionEvent({ ...to, at: at(5) }, mid, '❤️')]),
      ...(i % 3 === 0 ? [() => deliver(account, [unsendEvent({ ...to, at: at(30) }, mid)])] : []),
    ]);
    // Neighbours at one moment, in an order of their own.
    for (let from = 0; from < posts.length; from += 40) {
      await Promise.all(posts.slice(from, from + 40).sort(() => Math.random() - 0.5).map((post) => post()));
    }
    await stage.quiet(account);
    const messages = (await stage.messages(account, person)) as ChangedMessage[];
    expect(messages).toHaveLength(MESSAGES);
    const byMid = new Map(messages.map((message) => [message.externalId, message]));
    const seen = mids.map((mid) => {
      const message = byMid.get(mid);
      return [message?.text, message?.readAt !== null, message?.editedAt !== null, message?.deletedAt !== null, message?.reactions.length];
    });
    expect(seen).toEqual(mids.map((_, i) => [i % 3 === 0 ? null : 'second', true, true, i % 3 === 0, 1]));
    const events = await stage.events(account);
    expect(events.filter(({ status }) => status === 'dead' || status === 'pending')).toEqual([]);
  }, 120_000);

  it('the customer’s read and reaction show on our reply, also when they come before the answer to our call', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'reply' });
    // Nor does an echo tell the mid.
    stage.meta.failNext({ mode: 'delay', accountId: account.id, answerDelayMs: 4000, echo: 'never' });
    const { person } = await stage.write(account, 'hello');
    const sent = await eventually('the call', async () => stage.meta.accepted.find((send) => send.recipientId === person), (send) => send !== undefined);
    const to = { accountId: account.id, person };
    await deliver(account, [readEvent(to, sent!.mid!), reactionEvent(to, sent!.mid!, '👍')]);
    await eventually('the events', () => stage.events(account, '?status=pending'), (events) => events.length === 0);
    const reply = async () => (await stage.messages(account, person)).find(({ direction }) => direction === 'outbound') as ChangedMessage;
    expect(await reply()).toMatchObject({ status: 'sending', readAt: null });
    await stage.replies(account, person, 1);
    expect(await reply()).toMatchObject({ externalId: sent!.mid, readAt: expect.any(String), reactions: [{ emoji: '👍' }] });
  });
});
