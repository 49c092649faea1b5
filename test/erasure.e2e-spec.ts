import { afterAll, beforeAll, expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { newId } from '../src/common/new-id.js';
import { openDataSource } from '../src/database/index.js';
import {
  changesEntryOf, commentChange, deliveryOf, echoEvent, editEvent, entryOf, newIgsid, newMid, postbackEvent, quickReplyEvent, reactionEvent,
  readEvent, unsendEvent, withoutPeople, type MessagingItem,
} from '../src/local-meta/index.js';
import { laneOf } from '../src/messaging/lanes.js';
import { SCHEMA } from '../src/schema.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';
import { placesOf, storedRows } from './support/stored-rows.js';
import { together } from './support/together.js';

interface Refusal {
  readonly message: string;
}

/** What everybody writes here holds their own word, so that it can be looked for. */
eachDatabase((database) => {
  let stage: Stage;
  let dataSource: DataSource;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    ({ dataSource } = await openDataSource(database.settings(), SCHEMA));
  });

  afterAll(async () => {
    await dataSource.destroy();
    await stage.close();
  });

  const pathOf = (account: TestAccount, person: string) => `/accounts/${account.id}/conversations/${account.id}:${person}`;
  const erase = (account: TestAccount, person: string) => stage.service.api<Refusal>('DELETE', pathOf(account, person));
  const send = (account: TestAccount, recipientId: string, text: string, key?: string) =>
    stage.service.api<{ id: string }>('POST', `/accounts/${account.id}/messages`, { recipientId, text }, key === undefined ? {} : { 'idempotency-key': key });
  const deliver = (account: TestAccount, ...items: MessagingItem[]) => stage.meta.deliverUntilAccepted(account.id, deliveryOf(entryOf(account.id, items)));
  const wordsOf = (person: string) => `words-of-${person}`;

  async function meet(account: TestAccount, person = newIgsid()) {
    stage.meta.addPerson(account.id, { id: person, username: `name.${wordsOf(person)}`, name: `Name ${wordsOf(person)}` });
    const met = await stage.write(account, `first ${wordsOf(person)}`, { person });
    await eventually('the name', () => stage.conversation(account, person), ({ body }) => body.participantUsername !== null && body.participantUsername !== undefined);
    return met;
  }

  /** All that can happen in a conversation and leaves something behind. */
  async function live(account: TestAccount, person: string, mid: string): Promise<void> {
    const words = wordsOf(person);
    const to = { accountId: account.id, person };
    const comment = { id: `comment-${words}`, from: { id: person, username: `name.${words}` }, text: `commented ${words}` };
    await stage.meta.deliverUntilAccepted(account.id, deliveryOf(changesEntryOf(account.id, [commentChange(comment)])));
    await stage.quiet(account);
    await deliver(
      account, editEvent(to, mid, `edited ${words}`, 1), withoutPeople(editEvent(to, mid, `edited without a name ${words}`, 2)),
      reactionEvent(to, mid, '❤️'), readEvent(to, mid), postbackEvent(to, `title ${words}`, `payload ${words}`), quickReplyEvent(to, `quick ${words}`, 'Q'),
      // Of messages that are not known: these wait for them.
      editEvent(to, newMid(), `of nothing known ${words}`, 1), reactionEvent(to, newMid(), '👍'),
      echoEvent(to, { text: `typed elsewhere ${words}` }),
    );
    await stage.quiet(account);
    stage.meta.failNext({ code: 100, subcode: 2534015, accountId: account.id, recipientId: person });
    expect((await send(account, person, `refused ${words}`, `key-${words}`)).status).toBe(202);
    await stage.quiet(account);
    expect((await send(account, person, `by hand ${words}`)).status).toBe(202);
    await stage.quiet(account);
    expect((await stage.service.api('PATCH', pathOf(account, person), { automation: { paused: true } })).status).toBe(200);
    expect((await stage.service.api('PATCH', pathOf(account, person), { automation: { paused: false } })).status).toBe(200);
  }

  /** But for what is looked after by the clock. */
  const rowsWith = async (...words: string[]) => (await storedRows(dataSource))
    .filter(({ table, text }) => !/account/.test(table) && words.every((word) => text.includes(word)))
    .map(({ table, text }) => `${table} ${text}`).sort();

  const play = together(180_000);

  play('nothing of the person is left in any table, and everybody else has what they had', async () => {
    const [account, other] = [await stage.addAccount(), await stage.addAccount()];
    for (const one of [account, other]) {
      await stage.addRule(one, { triggerType: 'comment', responseTemplate: 'to your comment: {{ text }}', priority: 1 });
      await stage.addRule(one, { responseTemplate: 'Dear {{ name }}, to {{ text }}', cooldownSeconds: 1 });
    }
    const { person, mid, posted } = await meet(account);
    const neighbour = await meet(account);
    const elsewhere = await meet(other, person);
    await live(account, person, mid);
    await live(account, neighbour.person, neighbour.mid);
    await live(other, person, elsewhere.mid);
    const [message] = await stage.messages(account, person);
    // The person's in this account: what the same id stands for in the other one is another matter.
    const mine = async () => placesOf([person], (await storedRows(dataSource)).filter(({ text }) => !text.includes(other.id)));
    expect(await mine()).toEqual(expect.arrayContaining([
      'audit_log.changes', 'audit_log.target', 'conversations.participant_name', 'early_changes.payload', 'failed_sends.request', 'messages.details',
      'messages.text', 'rule_cooldowns.conversation_id', 'webhook_events.conversation_id', 'webhook_events.payload',
    ]));
    const theirs = [await rowsWith(account.id, neighbour.person), await rowsWith(other.id)];
    expect(theirs.map(({ length }) => length > 10)).toEqual([true, true]);

    expect((await erase(account, person)).status).toBe(204);
    expect(await mine()).toEqual([]);
    expect([await rowsWith(account.id, neighbour.person), await rowsWith(other.id)]).toEqual(theirs);
    for (const path of [pathOf(account, person), `${pathOf(account, person)}/messages`, `/accounts/${account.id}/messages/${message!.id}`]) {
      expect(`${path} ${String((await stage.service.api('GET', path)).status)}`).toBe(`${path} 404`);
    }
    expect((await erase(account, person)).status).toBe(404);
    const trail = await stage.service.list(`/audit?accountId=${account.id}&action=conversation.erase`);
    expect(trail).toMatchObject([{ target: `${account.id}:erased`, changes: { messages: expect.any(Number), keepsOptOut: false } }]);
    expect((await send(account, person, `refused ${wordsOf(person)}`, `key-${wordsOf(person)}`)).status).toBe(409);

    // What Meta is not sure to have delivered comes again, and does not come back.
    expect((await stage.meta.redeliver(posted)).status).toBe(200);
    const events = await stage.events(account);
    const erased = events.find(({ kind, payload }) => kind === 'message' && JSON.stringify(payload) === '{}');
    expect((await stage.service.api('POST', `/accounts/${account.id}/events/${erased!.id}/replay`)).status).toBe(202);
    await stage.quiet(account);
    expect(await mine()).toEqual([]);

    await stage.write(account, 'hello again', { person });
    await stage.quiet(account);
    expect((await stage.messages(account, person)).map(({ text }) => text)).toEqual(['hello again', expect.stringMatching(/^Dear .*, to hello again$/)]);
    expect((await stage.conversation(account, person)).body).toMatchObject({ messageCount: 2, automation: { paused: false } });
  });

  play('what comes late for a message that was erased does no harm', async () => {
    const account = await stage.addAccount();
    const { person, mid } = await meet(account);
    await send(account, person, 'by hand');
    await stage.quiet(account);
    const sent = (await stage.messages(account, person)).find(({ direction }) => direction === 'outbound')!.externalId!;
    expect((await erase(account, person)).status).toBe(204);
    const to = { accountId: account.id, person };
    await deliver(
      account, readEvent(to, sent), reactionEvent(to, sent, '❤️'), editEvent(to, mid, 'edited', 1), withoutPeople(editEvent(to, mid, 'edited again', 2)),
      withoutPeople(readEvent(to, sent)), unsendEvent(to, mid), echoEvent({ ...to, mid: newMid() }, { text: 'by hand' }),
    );
    await stage.quiet(account);
    expect((await stage.events(account, '?status=dead')).length).toBe(0);
    await stage.write(account, 'hello again', { person });
    await stage.quiet(account);
    expect((await stage.messages(account, person)).at(-1)).toMatchObject({ text: 'hello again' });
  });

  play('who has opted out stays opted out: the ids and that are all that is left', async () => {
    const account = await stage.addAccount({ settings: { optOutWords: ['stop'], optInWords: ['start'] } });
    await stage.addRule(account, { responseTemplate: 'to {{ text }}' });
    const { person } = await meet(account);
    await stage.write(account, 'stop', { person });
    await stage.quiet(account);
    for (let times = 0; times < 2; times++) {
      expect((await erase(account, person)).status).toBe(204);
      // Names are looked up once a second: not this one any more.
      await delay(1_500);
      expect(placesOf([person], await storedRows(dataSource))).toEqual(['conversations.id', 'conversations.participant_id']);
    }
    expect((await stage.conversation(account, person)).body).toEqual({
      id: `${account.id}:${person}`, accountId: account.id, participantId: person, participantUsername: null, lastMessageAt: null, lastInboundAt: null,
      windowClosesAt: null, messageCount: 0, automation: { paused: true, pausedUntil: null, reason: 'opted_out' },
    });
    const before = stage.sentTo(person).length;
    await stage.write(account, 'hours?', { person });
    await stage.quiet(account);
    expect(stage.sentTo(person)).toHaveLength(before);
    await stage.write(account, 'start', { person });
    await stage.write(account, 'hours?', { person });
    await stage.quiet(account);
    expect(stage.sentTo(person).at(-1)).toBe('to hours?');
    await eventually('the name', () => stage.conversation(account, person), ({ body }) => body.participantUsername !== null);
  });

  play('waits until what is on its way, or uncertain, is settled; what only waits is cancelled', async () => {
    const account = await stage.addAccount();
    const { person } = await meet(account);
    const stands = async (status: string) => {
      await eventually(status, () => stage.messages(account, person), (messages) => messages.some((message) => message.status === status));
      const refused = await erase(account, person);
      expect([refused.status, refused.body.message]).toEqual([409, expect.stringMatching(/on its way .* or .* looked up .* Ask again in a minute/)]);
    };
    stage.meta.failNext({ mode: 'delay', delayMs: 3_000, accountId: account.id });
    await send(account, person, 'slow');
    await stands('sending');
    await stage.quiet(account);
    stage.meta.failNext({ mode: 'drop', accountId: account.id });
    await send(account, person, 'lost');
    await stands('uncertain');
    await stage.quiet(account, 60);
    expect((await stage.messages(account, person)).map(({ text }) => text)).toEqual(expect.arrayContaining(['slow', 'lost']));

    stage.meta.failNext({ code: 613, regainMinutes: 10, accountId: account.id });
    for (const text of ['one', 'two', 'three']) await send(account, person, text);
    const queued = () => stage.service.list(`/accounts/${account.id}/outbox?status=paused`);
    await eventually('the pause', queued, (items) => items.length === 3);
    const sent = stage.sentTo(person).length;
    expect((await erase(account, person)).status).toBe(204);
    expect(placesOf([person], await storedRows(dataSource))).toEqual([]);
    await stage.service.api('PATCH', `/accounts/${account.id}`, { status: 'active' });
    await stage.quiet(account);
    expect(stage.sentTo(person)).toHaveLength(sent);
  });

  play('of a long conversation keeps nobody waiting, and what is written meanwhile is there, once', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'to {{ text }}' });
    const { person } = await meet(account);
    await stage.replies(account, person, 1);
    await stage.quiet(account);
    await fill(account, person, 10_000);
    const erasing = (async () => {
      while ((await erase(account, person)).status === 409);
    })();
    const written: string[] = [];
    const others: string[] = [];
    for (let count = 0; count < 20; count++) {
      const text = `meanwhile ${String(count)}`;
      await stage.write(account, text, { person });
      written.push(text);
      others.push((await stage.write(account, text)).person);
    }
    await erasing;
    await stage.write(account, 'afterwards', { person });
    await stage.quiet(account, 60);
    const kept = await stage.messages(account, person);
    const heard = kept.filter(({ direction }) => direction === 'inbound').map(({ text }) => text);
    expect(heard).toEqual([...written, 'afterwards'].slice(-heard.length));
    expect((await stage.conversation(account, person)).body).toMatchObject({ messageCount: kept.length });
    expect(placesOf(['filled'], await storedRows(dataSource))).toEqual([]);
    for (const one of others) expect((await stage.messages(account, one)).map(({ direction, status }) => `${direction} ${status}`)).toEqual(['inbound received', 'outbound sent']);
    expect(await stage.events(account, '?status=dead')).toEqual([]);
  });

  /** Makes the conversation longer than people could. */
  async function fill(account: TestAccount, person: string, count: number): Promise<void> {
    const id = `${account.id}:${person}`;
    const columns = ['account_id', 'id', 'conversation_id', 'position', 'direction', 'kind', 'text', 'status', 'created_at'];
    const { messageCount } = (await stage.conversation<{ messageCount: number }>(account, person)).body;
    for (let from = 0; from < count; from += 500) {
      const rows = Array.from({ length: 500 }, (_, i) => [
        account.id, newId(), id, messageCount + from + i + 1, 'inbound', 'text', `filled ${String(from + i)}`, 'received', '2026-01-01 00:00:00.000',
      ]);
      await dataSource.query(
        `INSERT INTO messages (${columns.join(', ')}) VALUES ${rows.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ')}`, rows.flat(),
      );
    }
    await dataSource.query('UPDATE conversations SET message_count = ? WHERE id = ?', [messageCount + count, id]);
  }

  play('waits for an event that is not applied yet', async () => {
    const account = await stage.addAccount();
    const { person } = await meet(account);
    await stage.quiet(account);
    const set = (status: string, lane: number | null) => dataSource.query(
      'UPDATE webhook_events SET status = ?, pending_lane = ?, next_attempt_at = ? WHERE account_id = ?', [status, lane, '2099-01-01 00:00:00.000', account.id],
    );
    await set('pending', laneOf(`${account.id}:${person}`));
    const refused = await erase(account, person);
    expect([refused.status, refused.body.message]).toEqual([409, expect.stringMatching(/is not applied yet\. Ask again in a minute/)]);
    expect((await stage.conversation(account, person)).body).toMatchObject({ participantUsername: `name.${wordsOf(person)}` });
    await set('processed', null);
    expect((await erase(account, person)).status).toBe(204);
  });

  play('is an administrator’s, in an account of theirs, for a conversation that is there', async () => {
    const [account, other] = [await stage.addAccount(), await stage.addAccount()];
    const { person } = await meet(account);
    const as = async (role: string, accountIds?: string[]) => {
      const { body } = await stage.service.api<{ key: string }>('POST', '/api-keys', { name: role, role, ...(accountIds ? { accountIds } : {}) });
      return (await stage.service.api('DELETE', pathOf(account, person), undefined, { authorization: `Bearer ${body.key}` })).status;
    };
    expect([await as('viewer'), await as('operator'), await as('admin', [other.id])]).toEqual([403, 403, 404]);
    expect((await stage.service.api('DELETE', `/accounts/${other.id}/conversations/${account.id}:${person}`)).status).toBe(404);
    expect((await stage.service.api('DELETE', `/accounts/${account.id}/conversations/%F0%9F%98%80`)).status).toBe(404);
    expect((await stage.conversation(account, person)).status).toBe(200);
    await stage.quiet(account);
    expect(await as('admin', [account.id])).toBe(204);
  });
});
