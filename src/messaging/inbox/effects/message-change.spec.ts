import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, CUSTOMER, InboxBed, item, START, text } from '../../../../test/support/inbox-bed.js';

const fromAccount = { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER } };
const at = (seconds: number) => ({ timestamp: START + seconds * 1000 });
const unsend = (mid: string, over: object = {}) => item({ message: { mid, is_deleted: true } }, { ...at(5), ...over });
const edit = (mid: string, words: string | undefined, number: unknown, over: object = {}) =>
  item({ message_edit: { mid, text: words, num_edit: number } }, { ...at(3), ...over });
const react = (mid: string, emoji: string | null, over: object = {}) =>
  item({ reaction: { mid, ...(emoji === null ? { action: 'unreact' } : { action: 'react', reaction: 'love', emoji }) } }, { ...at(4), ...over });
const read = (mid: string, over: object = {}) => item({ read: { mid } }, { ...at(6), ...over });
const nobody = { sender: undefined, recipient: undefined };

describe('changes of a message', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
  });
  afterEach(async () => {
    await bed.db.close();
  });

  const early = () => bed.query('SELECT * FROM early_changes');
  /** Delivered and applied one after the other, or all as one batch. */
  const run = async (items: readonly unknown[], apart: boolean) => {
    for (const part of apart ? items.map((one) => [one]) : [items]) {
      await bed.deliver(part);
      await bed.process();
    }
  };
  const orders: [name: string, apart: boolean, reversed: boolean][] = [
    ['in one batch', false, false], ['in one batch, last first', false, true], ['one by one', true, false], ['one by one, last first', true, true],
  ];

  it.each(orders)('end in the same message, %s', async (_, apart, reversed) => {
    const items = [
      text('m', 'first'), react('m', '❤'), edit('m', 'second', 1), edit('m', 'third', '2', at(7)), read('m'), read('m', at(9)),
      react('m', '😂', at(8)), react('m', '👍', { ...fromAccount, ...at(8) }),
    ];
    await run(reversed ? items.toReversed() : items, apart);
    await run(items, apart);
    expect(await bed.message('m')).toMatchObject({
      text: 'third', editedAt: new Date(START + 7000), readAt: new Date(START + 6000), deletedAt: null,
      reactions: [{ reaction: 'love', emoji: '😂', at: new Date(START + 8000).toISOString() }, { emoji: '👍' }],
      details: { earlierTexts: [{ text: 'first', editNumber: 0 }, { text: 'second', editNumber: 1 }] },
    });
    expect(await bed.messages()).toHaveLength(1);
    expect(await early()).toEqual([]);
    expect((await bed.decisions()).every(({ status }) => status === 'processed')).toBe(true);
  });

  it.each(orders)('an unsend leaves nothing of what was said, %s', async (_, apart, reversed) => {
    const photo = item({ message: { mid: 'm', text: 'my address', attachments: [{ type: 'image', payload: { url: 'https://x/y' } }], quick_reply: { payload: 'P' } } });
    const items = [photo, edit('m', 'my new address', 1), unsend('m'), unsend('m', at(9))];
    await run(reversed ? items.toReversed() : items, apart);
    const message = await bed.message('m');
    expect(message).toMatchObject({ text: null, attachments: [], details: null, deletedAt: new Date(START + 5000) });
    expect(JSON.stringify(message)).not.toContain('address');
  });

  it('a message that comes after its unsend is not answered, and one whose answer is queued still is', async () => {
    await bed.addRule();
    await run([unsend('m1'), text('m1', 'hi')], true);
    expect(await bed.sends()).toEqual([]);
    expect((await bed.decisions()).at(-1)!.stopped).toBe('the message was unsent before it arrived');
    await run([text('m2', 'hi'), unsend('m2')], true);
    expect(await bed.sends()).toHaveLength(1);
    expect((await bed.decisions()).at(-1)).toMatchObject({ queued: [], stopped: 'a message was unsent' });
  });

  it('the same in one batch: what had been taken back when it arrived is not answered', async () => {
    await bed.addRule();
    await run([unsend('m1'), text('m1', 'hi')], false);
    expect(await bed.sends()).toEqual([]);
    await run([text('m2', 'hi'), unsend('m2')], false);
    expect(await bed.sends()).toHaveLength(1);
  });

  it('an edit starts no rule; the message is answered as it was sent', async () => {
    await bed.addRule({ trigger_type: 'exact', trigger_value: 'price', response_template: 'From 10' });
    await run([text('m1', 'prise'), edit('m1', 'price', 1)], true);
    expect(await bed.sends()).toEqual([]);
    await run([edit('m2', 'prise', 1), text('m2', 'price')], true);
    expect(await bed.sends()).toHaveLength(1);
  });

  it('edit number 0 is no edit, absent with a text it is one', async () => {
    await run([text('m', 'first'), edit('m', 'first', 0), edit('m', undefined, '0'), edit('m', undefined, undefined)], true);
    expect(await bed.message('m')).toMatchObject({ text: 'first', editedAt: null });
    const ignored = (await bed.decisions()).slice(1);
    expect(ignored.every(({ status }) => status === 'ignored')).toBe(true);
    expect(ignored[0]!.stopped).toMatch(/no edit/);
    await run([edit('m', 'second', undefined)], true);
    expect(await bed.message('m')).toMatchObject({ text: 'second', editedAt: new Date(START + 3000) });
  });

  it.each([['after', false], ['before', true]])('a read and an edit that name nobody are applied by their message, %s it', async (_, reversed) => {
    const items = [text('m', 'first'), read('m', nobody), edit('m', 'second', 1, nobody), edit('m', undefined, 0, nobody)];
    await run(reversed ? items.toReversed() : items, true);
    expect(await bed.message('m')).toMatchObject({ text: 'second', readAt: new Date(START + 6000) });
    const rows = await bed.query<{ kind: string; status: string; conversation_id: string | null; pending_lane: number | null }>('SELECT * FROM webhook_events');
    expect(rows.filter((row) => row.conversation_id === null).map((row) => `${row.kind} ${row.status}`).sort())
      .toEqual(['edit ignored', 'edit processed', 'read processed']);
    expect(rows.every((row) => row.pending_lane === null)).toBe(true);
  });

  it('nobody’s changes do not stand in each other’s way, nor in that of a conversation that waits', async () => {
    await bed.deliver([text('m', 'hi')]);
    await bed.query(`UPDATE webhook_events SET attempts = 1, next_attempt_at = '2026-11-01 13:00:00.000'`);
    await bed.query('UPDATE webhook_events SET pending_lane = 7');
    await bed.deliver([read('other', nobody)]);
    await bed.query('UPDATE webhook_events SET pending_lane = 7');
    await bed.process();
    expect((await bed.decisions()).map(({ status }) => status)).toEqual(['pending', 'processed']);
    expect(await early()).toHaveLength(1);
  });

  it('touches no other account’s message of the same mid', async () => {
    const other = '17841400000000002';
    await bed.deliver([text('m', 'mine')]);
    await bed.deliver([text('m', 'theirs', { recipient: { id: other } })], other);
    await bed.deliver([unsend('m')]);
    await bed.deliver([read('m', nobody)]);
    await bed.process();
    expect(await bed.message('m')).toMatchObject({ text: null, readAt: expect.any(Date) });
    expect(await bed.message('m', other)).toMatchObject({ text: 'theirs', readAt: null, deletedAt: null });
  });

  it('reach what the account wrote: its own message is read, reacted to, edited and unsent', async () => {
    const echo = item({ message: { mid: 'e', text: 'we are open', is_echo: true } }, fromAccount);
    await run([read('e'), echo, react('e', '❤'), edit('e', 'we are closed', 1, fromAccount), read('e', { ...fromAccount, ...at(1) })], true);
    expect(await bed.message('e')).toMatchObject({ direction: 'outbound', text: 'we are closed', readAt: new Date(START + 6000), reactions: [{ emoji: '❤' }] });
    await run([item({ message: { mid: 'e', is_echo: true, is_deleted: true } }, { ...fromAccount, ...at(9) })], true);
    expect(await bed.message('e')).toMatchObject({ text: null, deletedAt: new Date(START + 9000) });
    expect((await bed.decisions())[4]).toMatchObject({ status: 'ignored', stopped: 'it was sent by the account itself' });
  });

  it('a reaction opens the window and may be answered, once, however often it is replayed', async () => {
    await bed.addRule({ trigger_type: 'reaction', response_template: 'Thank you' });
    await run([react('unknown', '❤'), react('unknown', '👍', { ...fromAccount, ...at(4) })], true);
    expect(await bed.sends()).toHaveLength(1);
    expect(await bed.conversation()).toMatchObject({ windowClosesAt: new Date(START + 4000 + 86_400_000), lastInboundAt: null });
    await bed.replayAll();
    await run([react('unknown', null, at(5))], true);
    expect(await bed.sends()).toHaveLength(1);
    const [first, own, taken] = await bed.decisions();
    expect(first).toMatchObject({ status: 'processed', stopped: null, queued: [expect.any(String)] });
    expect(own!.stopped).toMatch(/^the account itself reacted/);
    expect(taken!.stopped).toMatch(/taken back/);
  });

  it('reads, edits and unsends open no window, and make no conversation', async () => {
    await run([read('m'), edit('m', 'x', 1), unsend('m'), react('m', null), react('m', '❤', fromAccount)], true);
    expect(await bed.conversation()).toBeNull();
    expect((await bed.decisions())[0]!.stopped).toMatch(/not known here yet/);
    await run([text('m', 'hi')], true);
    const before = await bed.conversation();
    await run([read('m', at(60)), edit('m', 'x', 2, at(61)), unsend('m', at(62))], true);
    expect(await bed.conversation()).toEqual(before);
  });

  it('reach our own send whose mid was not known yet', async () => {
    await bed.addRule();
    await run([text('m', 'hi')], true);
    await bed.query(`UPDATE outbox_messages SET status = 'sending', attempted_at = '2026-11-01 12:00:00.000'`);
    await run([read('own'), react('own', '❤')], true);
    const [send] = await bed.query<{ id: number; message_id: string; conversation_id: string }>('SELECT * FROM outbox_messages LIMIT 1');
    const message = { accountId: ACCOUNT, id: send!.message_id, status: 'sent', externalId: 'own', sentAt: new Date(START), error: null } as const;
    await bed.db.transactions.run((tx) =>
      bed.outcomes.write(tx, [{ outboxId: send!.id, conversationId: send!.conversation_id, decision: { message, next: null } }]));
    expect(await bed.message('own')).toMatchObject({ text: 'Hello!', readAt: new Date(START + 6000), reactions: [{ emoji: '❤' }] });
    expect(await early()).toEqual([]);
  });
});
