import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type MessageView, type TestAccount } from './support/stage.js';

interface Item {
  readonly messageId: string;
  readonly status: string;
  readonly attempts: number;
  readonly ageSeconds: number;
}

interface Outbox {
  readonly items: Item[];
  readonly nextCursor: string | null;
  readonly summary: Readonly<Record<string, unknown>>;
}

eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    // Slow enough that something waits.
    stage = await Stage.open({ ...database.env, SEND_LIMIT_PER_SECOND: '20' });
  });

  afterAll(async () => {
    await stage.close();
  });

  const outbox = async (account: TestAccount, query = ''): Promise<Outbox> => (await stage.service.api<Outbox>('GET', `/accounts/${account.id}/outbox${query}`)).body;
  const control = (account: TestAccount, id: string, verb: 'cancel' | 'retry', body?: unknown) =>
    stage.service.api<MessageView & { message: string }>('POST', `/accounts/${account.id}/messages/${id}/${verb}`, body);

  async function queue(account: TestAccount, recipientId: string, text: string): Promise<string> {
    const answer = await stage.service.api<{ id: string }>('POST', `/accounts/${account.id}/messages`, { recipientId, text });
    expect(answer.status).toBe(202);
    return answer.body.id;
  }

  /** Somebody who has written, and may be written to. */
  async function customer(account: TestAccount): Promise<string> {
    const { person } = await stage.write(account, 'hello');
    await stage.quiet(account);
    return person;
  }

  const settled = async (account: TestAccount, id: string): Promise<MessageView> =>
    await eventually(
      'the end of a send',
      async () => (await stage.service.api<MessageView>('GET', `/accounts/${account.id}/messages/${id}`)).body,
      ({ status }) => status === 'sent' || status === 'failed',
    );

  it('shows what is to be sent, oldest first; what waits can be cancelled, and sent after all', async () => {
    const account = await stage.addAccount();
    const person = await customer(account);
    stage.meta.failNext({ mode: 'delay', delayMs: 4000, accountId: account.id });
    const ids: string[] = [];
    for (const text of ['first', 'second', 'third']) ids.push(await queue(account, person, text));
    const [first, second, third] = ids as [string, string, string];
    await eventually('the first on its way', () => outbox(account, '?status=sending'), ({ items }) => items.length === 1);

    const all = await outbox(account);
    expect(all.items.map(({ messageId, status, attempts }) => [messageId, status, attempts])).toEqual([
      [first, 'sending', 1], [second, 'waiting', 0], [third, 'waiting', 0],
    ]);
    expect(all.summary).toMatchObject({ waiting: 2, paused: 0, sending: 1, uncertain: 0, stopped: null });
    expect(all.items[0]!.ageSeconds).toBeLessThan(60);
    const page = await outbox(account, '?status=waiting&limit=1');
    expect(page.items.map((item) => item.messageId)).toEqual([second]);
    const next = await outbox(account, `?status=waiting&limit=1&cursor=${String(page.nextCursor)}`);
    expect([next.items.map((item) => item.messageId), next.nextCursor]).toEqual([[third], null]);
    expect((await outbox(account, '?status=paused')).items).toEqual([]);
    expect((await stage.service.api('GET', `/accounts/${account.id}/outbox?status=sent`)).status).toBe(400);

    const cancelled = await control(account, second, 'cancel');
    expect([cancelled.status, cancelled.body.status, cancelled.body.error]).toEqual([200, 'failed', 'It was cancelled before it was sent.']);
    const late = await control(account, first, 'cancel');
    expect([late.status, late.body.message]).toEqual([409, 'It cannot be cancelled: it is on its way to Instagram.']);
    expect((await control(account, second, 'cancel')).status).toBe(409);
    expect((await control(account, third, 'retry')).status).toBe(409);

    for (const id of [first, third]) expect((await settled(account, id)).status).toBe('sent');
    expect(stage.sentTo(person)).toEqual(['first', 'third']);
    expect((await control(account, first, 'cancel')).status).toBe(409);

    const again = await Promise.all([1, 2, 3].map(() => control(account, second, 'retry')));
    expect(again.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    expect(await settled(account, second)).toMatchObject({ status: 'sent', error: null });
    expect(stage.sentTo(person)).toEqual(['first', 'third', 'second']);
    const audit = await stage.service.list<{ action: string }>(`/audit?accountId=${account.id}`);
    expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(['message.cancel', 'message.retry']));
  });

  it('sends what Graph refused again, and not where the window has closed meanwhile', async () => {
    const account = await stage.addAccount();
    const person = await customer(account);
    stage.meta.failNext({ code: 100, subcode: 2534015, accountId: account.id });
    const id = await queue(account, person, 'hello');
    expect((await settled(account, id)).status).toBe('failed');
    expect((await control(account, id, 'retry', { force: 'yes' })).status).toBe(400);
    stage.meta.failNext({ code: 10, subcode: 2534022, accountId: account.id });
    expect((await control(account, id, 'retry')).status).toBe(202);
    expect((await settled(account, id)).error).toMatch(/window/i);
    const closed = await control(account, id, 'retry', {});
    expect([closed.status, closed.body.message]).toEqual([422, expect.stringMatching(/the messaging window closed/)]);
    await stage.write(account, 'and another thing', { person });
    await stage.quiet(account);
    expect((await control(account, id, 'retry')).status).toBe(202);
    expect((await settled(account, id)).status).toBe('sent');
  });

  it('shows what is paused with its account, and why', async () => {
    const account = await stage.addAccount();
    const person = await customer(account);
    stage.meta.failNext({ code: 613, regainMinutes: 10, accountId: account.id });
    await queue(account, person, 'hello');
    const paused = await eventually('the pause', () => outbox(account, '?status=paused'), ({ items }) => items.length === 1);
    expect(paused.summary).toMatchObject({ waiting: 0, paused: 1, sending: 0 });
    expect(paused.summary.stopped).toMatch(/no more calls/);
    expect((await control(account, paused.items[0]!.messageId, 'cancel')).status).toBe(200);
    expect((await outbox(account)).items).toEqual([]);
  });

  it('what is cancelled never reaches Meta, and what reaches Meta was not cancelled, however close it is', async () => {
    const account = await stage.addAccount();
    const people: string[] = [];
    for (let count = 0; count < 60; count++) people.push((await stage.write(account, 'hello')).person);
    await stage.quiet(account);
    const queued = await Promise.all(people.map(async (person) => ({ person, id: await queue(account, person, `to ${person}`) })));
    // At twenty a second some are being claimed at every moment: from the first that arrives to the last.
    await eventually('the first that arrives', async () => people.filter((person) => stage.sentTo(person).length > 0), (sent) => sent.length > 0);
    const cancelled = await Promise.all(queued.map(async (one) => ({ ...one, status: (await control(account, one.id, 'cancel')).status })));
    for (const { person, id, status } of cancelled) {
      const { status: end } = await settled(account, id);
      expect(`${String(status)} ${end} ${String(stage.sentTo(person).length)}`).toBe(status === 200 ? '200 failed 0' : '409 sent 1');
    }
    expect(new Set(cancelled.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });
});
