import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ACCOUNT, CUSTOMER, InboxBed, item, OTHER_ACCOUNT, START, text } from '../../../test/support/inbox-bed.js';
import { laneOf } from '../lanes.js';
import { EVENTS_PER_BATCH } from './process-events.usecase.js';

describe('ProcessEventsUseCase', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
  });
  afterEach(async () => {
    await bed.db.close();
  });

  const sends = () => bed.query<{ request: string; send_before: string; source: string }>('SELECT * FROM outbox_messages ORDER BY id');

  it('records a message, answers it by the rule, and says why', async () => {
    await bed.addRule({ trigger_type: 'contains', trigger_value: 'price', response_template: 'From 10, {{ match }}!' });
    await bed.deliver([text('m1', 'What PRICE?')]);
    await bed.process();
    expect(await bed.messages()).toEqual([
      { direction: 'inbound', kind: 'text', text: 'What PRICE?', status: 'received', external_id: 'm1', position: 1 },
      { direction: 'outbound', kind: 'text', text: expect.stringMatching(/^From 10, /), status: 'queued', external_id: null, position: 2 },
    ]);
    const [decision] = await bed.decisions();
    expect(decision).toMatchObject({ status: 'processed', attempts: 1, stopped: null, rules: [{ ruleId: 1, matched: true }] });
    expect(decision!.queued).toHaveLength(1);
    const [send] = await sends();
    expect(JSON.parse(send!.request)).toMatchObject({ recipient: { id: CUSTOMER }, message: { text: expect.any(String) } });
    expect(send).toMatchObject({ source: 'rule', send_before: '2026-11-01 13:00:00.000' });
    const [conversation] = await bed.query('SELECT * FROM conversations');
    expect(conversation).toMatchObject({
      id: `${ACCOUNT}:${CUSTOMER}`, message_count: 2, last_inbound_at: '2026-11-01 12:00:00.000', window_closes_at: '2026-11-02 12:00:00.000',
    });
  });

  it('never answers twice: delivered again, replayed, or delivered after the event was removed', async () => {
    await bed.addRule();
    const items = [text('m1', 'hi'), item({ postback: { title: 'Prices', payload: 'P' } })];
    await Promise.all(Array.from({ length: 10 }, () => bed.deliver(items)));
    await bed.process();
    expect(await bed.messages()).toHaveLength(4);
    const before = await bed.decisions();
    await bed.query(`UPDATE webhook_events SET status = 'pending', pending_lane = 0`);
    await bed.process();
    expect((await bed.decisions()).map((d) => ({ ...d, attempts: 0 }))).toEqual(before.map((d) => ({ ...d, attempts: 0 })));
    await bed.query('DELETE FROM webhook_events');
    await bed.deliver(items);
    await bed.process();
    expect(await bed.messages()).toHaveLength(4);
    expect((await bed.decisions())[0]).toMatchObject({ status: 'processed', stopped: 'this message is recorded already' });
  });

  it('tells mids apart byte for byte', async () => {
    await bed.deliver([text('Abc', '1'), text('abc', '2'), text('abc ', '3')]);
    await bed.process();
    expect((await bed.messages()).map((message) => message.external_id)).toEqual(['Abc', 'abc', 'abc ']);
  });

  it('takes a conversation in the order of Meta\'s clock, then of arrival', async () => {
    await bed.deliver([text('c', 'third', { timestamp: START - 1 }), text('a', 'first', { timestamp: START - 9 })]);
    await bed.deliver([text('d', 'fourth', { timestamp: START - 1 }), text('b', 'second', { timestamp: START - 5 })]);
    await bed.process();
    expect((await bed.messages()).map((message) => message.text)).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('does not keep another account\'s customer waiting behind a backlog', async () => {
    const lane = laneOf(`${ACCOUNT}:${CUSTOMER}`);
    const neighbour = Array.from({ length: 10_000 }, (_, i) => String(i + 1)).find((id) => laneOf(`${OTHER_ACCOUNT}:${id}`) === lane)!;
    const sender = { sender: { id: neighbour }, recipient: { id: OTHER_ACCOUNT } };
    await bed.deliver(Array.from({ length: 300 }, (_, i) => text(`a${String(i)}`, String(i), { timestamp: START + i })));
    await bed.deliver([text('n1', 'first', sender)], OTHER_ACCOUNT);
    await bed.deliver(Array.from({ length: 300 }, (_, i) => text(`b${String(i)}`, String(300 + i), { timestamp: START + 300 + i })));
    await bed.deliver([text('n2', 'second', { ...sender, timestamp: START + 1 })], OTHER_ACCOUNT);
    expect(await bed.processEvents.execute(lane)).toBe('more');
    const of = async (account: string) => (await bed.query<{ text: string }>('SELECT text FROM messages WHERE account_id = ? ORDER BY position', [account])).map((row) => row.text);
    expect(await of(OTHER_ACCOUNT)).toEqual(['first', 'second']);
    expect(await of(ACCOUNT)).toHaveLength(EVENTS_PER_BATCH);
    await bed.process();
    expect(await of(ACCOUNT)).toEqual(Array.from({ length: 600 }, (_, i) => String(i)));
  });

  it('processes more than one batch of many conversations', async () => {
    await bed.addRule();
    await bed.query('UPDATE instagram_business_accounts SET max_automatic_turns = 1000');
    const many = Array.from({ length: 1000 }, (_, i) => text(`m${String(i)}`, String(i), { sender: { id: String(1 + (i % 7)) } }));
    await bed.deliver(many);
    await bed.process();
    const inbound = (await bed.query<{ conversation_id: string; text: string }>(
      `SELECT conversation_id, text FROM messages WHERE direction = 'inbound' ORDER BY conversation_id, position`,
    ));
    expect(inbound).toHaveLength(1000);
    const sorted = inbound.toSorted((a, b) => a.conversation_id.localeCompare(b.conversation_id) || Number(a.text) - Number(b.text));
    expect(inbound).toEqual(sorted);
    const positions = await bed.query(
      'SELECT conversation_id FROM messages GROUP BY conversation_id HAVING COUNT(*) <> MAX(position) OR COUNT(DISTINCT position) <> COUNT(*)',
    );
    expect(positions).toEqual([]);
    expect(await sends()).toHaveLength(1000);
  });

  it('splits a long reply into messages, in order', async () => {
    await bed.addRule({ response_template: `${'word '.repeat(250)}end` });
    await bed.deliver([text('m1', 'hi')]);
    await bed.process();
    const outbound = (await bed.messages()).filter((message) => message.direction === 'outbound');
    expect(outbound.map((message) => message.position)).toEqual([2, 3]);
    expect(outbound[1]!.text).toMatch(/end$/);
    expect((await bed.decisions())[0]!.queued).toHaveLength(2);
  });

  it.each([
    ['the account is inactive', `UPDATE instagram_business_accounts SET status = 'inactive'`, {}],
    ['before the account was switched on', `UPDATE instagram_business_accounts SET active_since = '2999-01-01 00:00:00.000'`, {}],
    ['older than 60 minutes', 'SELECT 1', { timestamp: START - 61 * 60_000 }],
    ['24-hour window', 'UPDATE instagram_business_accounts SET reply_max_age_minutes = 100000', { timestamp: START - 25 * 3_600_000 }],
    ['no enabled rule', 'UPDATE rule_sets SET version = 9; ', {}],
  ])('records but does not answer when %s', async (why, change, over) => {
    if (!why.startsWith('no')) await bed.addRule();
    await bed.query(change);
    await bed.deliver([text('m1', 'hi', over)]);
    await bed.process();
    expect(await bed.messages()).toHaveLength(1);
    expect(await sends()).toHaveLength(0);
    expect((await bed.decisions())[0]!.stopped).toContain(why);
  });

  it('does not answer in a paused conversation, and does once the pause has run out', async () => {
    await bed.addRule();
    await bed.deliver([text('m1', 'hi')]);
    await bed.process();
    await bed.query(`UPDATE conversations SET automation_paused = 1, automation_paused_until = '2026-11-01 12:10:00.000', automation_reason = 'operator'`);
    await bed.deliver([text('m2', 'hi')]);
    await bed.process();
    expect(await sends()).toHaveLength(1);
    expect((await bed.decisions())[1]!.stopped).toMatch(/paused .*12:10.*operator/);
    bed.clock.forward(11 * 60_000);
    await bed.deliver([text('m3', 'hi', { timestamp: START + 11 * 60_000 })]);
    await bed.process();
    expect(await sends()).toHaveLength(2);
  });

  it('lets a rule rest for its cooldown, also within one batch', async () => {
    await bed.addRule({ cooldown_seconds: 60 });
    await bed.deliver([text('m1', 'hi'), text('m2', 'hi'), text('m3', 'hi', { sender: { id: '77' } })]);
    await bed.process();
    expect(await sends()).toHaveLength(2); // one a conversation
    bed.clock.forward(59_000);
    await bed.deliver([text('m4', 'hi')]);
    await bed.process();
    expect(await sends()).toHaveLength(2);
    bed.clock.forward(1_000);
    await bed.deliver([text('m5', 'hi')]);
    await bed.process();
    expect(await sends()).toHaveLength(3);
  });

  it('recognises the echo of its own send, and records one that is nobody\'s', async () => {
    await bed.addRule();
    await bed.deliver([text('m1', 'hi')]);
    await bed.process();
    await bed.query(`UPDATE outbox_messages SET status = 'sending', attempted_at = '2026-11-01 12:00:00.000'`);
    await bed.query(`UPDATE messages SET status = 'sending' WHERE direction = 'outbound'`);
    const echo = (mid: string, words: string) => item(
      { message: { mid, text: words, is_echo: true } }, { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER } },
    );
    await bed.deliver([echo('own', 'Hello!'), echo('phone', 'Hello from the shop')]);
    await bed.process();
    expect(await bed.messages()).toMatchObject([
      { direction: 'inbound' },
      { direction: 'outbound', status: 'sent', external_id: 'own', text: 'Hello!' },
      { direction: 'outbound', status: 'sent', external_id: 'phone', text: 'Hello from the shop', position: 3 },
    ]);
    expect(await sends()).toHaveLength(0);
    expect((await bed.decisions()).slice(1).map((d) => d.stopped)).toEqual([
      expect.stringMatching(/^it confirms our message /), 'it was sent from elsewhere, not by this server; automation rests until 2026-11-01T12:30:00.000Z',
    ]);
  });

  describe('when an event cannot be applied', () => {
    const failOn = (words: string) => {
      const { events } = bed;
      const markSettled = events.markSettled.bind(events);
      return jest.spyOn(events, 'markSettled').mockImplementation(async (tx, settled, now) => {
        if (settled.some(({ event }) => event.payload.includes(words))) throw new Error('no');
        await markSettled(tx, settled, now);
      });
    };
    const statuses = () => bed.query<{ status: string; attempts: number; error: string | null }>('SELECT status, attempts, error FROM webhook_events ORDER BY id');
    let silenced: { mockRestore: () => void }[];
    beforeEach(() => {
      silenced = [jest.spyOn(Logger.prototype, 'error').mockReturnValue(), jest.spyOn(Logger.prototype, 'warn').mockReturnValue()];
    });
    afterEach(() => {
      for (const spy of silenced) spy.mockRestore();
    });

    it('isolates it: others go on, its conversation waits, in order, until it succeeds', async () => {
      await bed.addRule();
      const broken = failOn('poison');
      await bed.deliver([text('m1', 'before'), text('m2', 'poison'), text('m3', 'after')]);
      for (let i = 0; i < 70; i++) await bed.deliver([text(`o${String(i)}`, 'other', { sender: { id: String(i + 1) } })]);
      await bed.process();
      expect((await statuses()).slice(0, 3)).toEqual([
        { status: 'processed', attempts: 1, error: null }, { status: 'pending', attempts: 1, error: 'no' }, { status: 'pending', attempts: 0, error: null },
      ]);
      expect((await statuses()).slice(3).every((row) => row.status === 'processed')).toBe(true);
      await bed.deliver([text('m4', 'much later')]);
      await bed.process(); // not due yet: nothing overtakes it
      expect((await statuses()).filter((row) => row.status === 'pending')).toHaveLength(3);
      broken.mockRestore();
      bed.clock.forward(1000);
      await bed.process();
      await bed.process();
      const conversation = (await bed.messages()).filter((message) => message.external_id?.startsWith('m'));
      expect(conversation.map((message) => message.external_id)).toEqual(['m1', 'm2', 'm3', 'm4']);
    });

    it('does not answer what had been taken back when it arrived, as in a set', async () => {
      await bed.addRule();
      failOn('poison');
      await bed.deliver([item({ message: { mid: 'm1', is_deleted: true } }, { timestamp: START + 5000 }), text('m1', 'hi')]);
      await bed.deliver([text('p', 'poison', { timestamp: START + 9000 })]);
      await bed.process();
      expect((await statuses()).map(({ status }) => status)).toEqual(['processed', 'processed', 'pending']);
      expect((await bed.decisions())[1]!.stopped).toBe('the message was unsent before it arrived');
      expect(await sends()).toEqual([]);
    });

    it('what cannot even be read fails by itself', async () => {
      await bed.deliver([text('m1', 'before'), text('m2', 'damaged', { timestamp: START + 1 }), text('m3', 'after', { timestamp: START + 2 })]);
      await bed.query(`UPDATE webhook_events SET payload = 'no JSON' WHERE payload LIKE '%damaged%'`);
      await bed.process();
      expect((await statuses()).map(({ status, attempts }) => [status, attempts])).toEqual([['processed', 1], ['pending', 1], ['pending', 0]]);
    });

    it('gives it up after eight attempts, and then goes on; a replay brings it back', async () => {
      const broken = failOn('poison');
      await bed.deliver([text('m1', 'poison'), text('m2', 'after')]);
      for (let attempt = 0; attempt < 8; attempt++) {
        await bed.process();
        bed.clock.forward(3_600_000);
      }
      expect(await statuses()).toMatchObject([{ status: 'dead', attempts: 8, error: 'no' }, { status: 'processed' }]);
      expect((await bed.messages()).map((message) => message.external_id)).toEqual(['m2']);
      broken.mockRestore();
      await bed.query(`UPDATE webhook_events SET status = 'pending', pending_lane = 0, attempts = 0 WHERE status = 'dead'`);
      await bed.process();
      expect((await bed.messages()).map((message) => message.external_id)).toEqual(['m2', 'm1']);
    });
  });
});
