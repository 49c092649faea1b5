import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { changesEntryOf, commentChange, deliveryOf, newIgsid } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { ManualSends } from './support/manual-sends.js';
import { Stage, type TestAccount } from './support/stage.js';

/** A comment has one private reply, whoever gives it. */
eachDatabase((database) => {
  let stage: Stage;
  let account: TestAccount;
  let sends: ManualSends;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    account = await stage.addAccount();
    sends = new ManualSends(stage, account);
  });

  afterAll(async () => {
    await stage.close();
  });

  const to = (person: string) => stage.meta.sends.filter((send) => send.recipientId === person);

  async function comment(more: Readonly<Record<string, unknown>> = {}): Promise<{ id: string; person: string }> {
    const id = newIgsid();
    const person = newIgsid();
    const value = { id, from: { id: person, username: 'ana' }, text: 'How much is it?', ...more };
    await stage.meta.deliver(account.id, deliveryOf(changesEntryOf(account.id, [commentChange(value)])));
    return { id, person };
  }

  it('is answered privately once, in the conversation of who wrote it', async () => {
    const { id, person } = await comment();
    const sent = await sends.untilItsEnd({ commentId: id, text: 'It costs 29 €.', quickReplies: [{ title: 'Hours', payload: 'HOURS' }] });
    expect(sent).toMatchObject({ status: 'sent', conversationId: `${account.id}:${person}`, commentId: id });
    await stage.quiet(account);
    expect(to(person).map(({ body }) => body)).toEqual([
      { recipient: { comment_id: id }, message: { text: 'It costs 29 €.', quick_replies: expect.any(Array) } },
    ]);
    expect(await stage.messages(account, person)).toMatchObject([
      { kind: 'comment', direction: 'inbound', text: 'How much is it?' }, { kind: 'text', direction: 'outbound', text: 'It costs 29 €.' },
    ]);
    expect((await stage.conversation(account, person)).body).toMatchObject({ participantUsername: 'ana', messageCount: 2, windowClosesAt: null });
    expect(await sends.post({ commentId: id, text: 'again' })).toMatchObject({ status: 422, body: { message: expect.stringContaining('has its private reply already') } });
  });

  it('answered by hand before it is known here is not answered by a rule as well, nor where both come at once', async () => {
    const shop = await stage.addAccount();
    await stage.addRule(shop, { triggerType: 'comment', responseTemplate: 'by a rule' });
    const play = async (isAtOnce: boolean) => {
      const [id, recipientId] = [newIgsid(), newIgsid()];
      const body = deliveryOf(changesEntryOf(shop.id, [commentChange({ id, from: { id: recipientId, username: 'ana' }, text: 'How much is it?' })]));
      // Meta knows of it, and the service has not heard.
      await stage.meta.deliver(shop.id, body, { secret: 'not its own' });
      const answered = new ManualSends(stage, shop).post({ commentId: id, recipientId, text: 'by hand' });
      if (!isAtOnce) await answered;
      await stage.meta.deliverUntilAccepted(shop.id, body);
      expect(isAtOnce ? [202, 422] : [202]).toContain((await answered).status);
      await stage.quiet(shop);
      return to(recipientId).length;
    };
    expect([await play(false), ...(await Promise.all(Array.from({ length: 10 }, () => play(true))))]).toEqual(Array(11).fill(1));
  });

  it('at the same moment twice gets one answer', async () => {
    const { id, person } = await comment();
    const answers = await Promise.all(Array.from({ length: 5 }, () => sends.post({ commentId: id, text: 'It costs 29 €.' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422, 422, 422, 422]);
    await stage.quiet(account);
    expect(to(person)).toHaveLength(1);
    expect(await stage.messages(account, person)).toHaveLength(2);
  });

  it('at the same moment twice with one Idempotency-Key gets one answer, told to all', async () => {
    const { id, person } = await comment();
    const body = { commentId: id, text: 'It costs 29 €.' };
    const once = () => sends.post(body, { 'idempotency-key': `reply-${id}` });
    const answers = await Promise.all(Array.from({ length: 5 }, once));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(202));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    await stage.quiet(account);
    expect(to(person)).toHaveLength(1);
  });

  it('may be answered again after a failure', async () => {
    const { id, person } = await comment();
    stage.meta.failNext({ code: 100, accountId: account.id, text: 'first' });
    expect(await sends.untilItsEnd({ commentId: id, text: 'first' })).toMatchObject({ status: 'failed' });
    expect(await sends.untilItsEnd({ commentId: id, text: 'second' })).toMatchObject({ status: 'sent' });
    expect((await stage.messages(account, person)).map(({ kind }) => kind)).toEqual(['comment', 'text', 'text']);
  });

  it('is refused where it cannot be answered, and says why', async () => {
    const { id, person } = await comment();
    const own = await comment({ from: { id: account.id } });
    const why = async (body: object) => {
      const answer = await sends.post({ text: 'x', ...body });
      expect(answer.status).toBe(422);
      return answer.text;
    };
    expect(await why({ commentId: '999' })).toContain('give recipientId, the id of who wrote it');
    expect(await why({ commentId: id, recipientId: newIgsid() })).toContain(`written by ${person}`);
    expect(await why({ commentId: own.id })).toContain('cannot be answered');
    expect(to(person)).toEqual([]);
  });
});
