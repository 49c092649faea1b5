import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, CUSTOMER, InboxBed, item, START, text } from '../../../../test/support/inbox-bed.js';
import { sha256 } from '../../../crypto/index.js';
import { PrivateReplyRepository } from '../../outbox/private-reply.repository.js';

const comment = (id: string, words: string | undefined, over: object = {}) => ({ id, text: words, from: { id: CUSTOMER, username: 'jane' }, ...over });

describe('comments', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
    await bed.addRule({ trigger_type: 'comment', trigger_value: 'price', response_template: 'Hi {{ username }}: from 10' });
  });
  afterEach(async () => {
    await bed.db.close();
  });

  const announce = async (value: object, field = 'comments', time = START / 1000) => {
    await bed.deliverEntry({ time, changes: [{ field, value }] });
    await bed.process();
  };
  const last = async () => (await bed.decisions()).at(-1)!;

  it('are answered by a private reply, after the comment, without a window', async () => {
    await announce(comment('c1', 'What is the PRICE?', { media: { id: '9' }, parent_id: '8' }));
    expect(await bed.messages()).toEqual([
      { direction: 'inbound', kind: 'comment', text: 'What is the PRICE?', status: 'received', external_id: 'c1', position: 1 },
      { direction: 'outbound', kind: 'text', text: 'Hi jane: from 10', status: 'queued', external_id: null, position: 2 },
    ]);
    const [send] = await bed.sends();
    expect(send!.request).toEqual({ recipient: { comment_id: 'c1' }, message: { text: 'Hi jane: from 10' } });
    expect(send!.send_before).toBe('2026-11-02 12:00:00.000');
    expect(await bed.conversation()).toMatchObject({
      participantUsername: 'jane', windowClosesAt: null, lastInboundAt: null, lastMessageAt: new Date(START), messageCount: 2,
    });
    expect(await last()).toMatchObject({ status: 'processed', stopped: null, queued: [send!.message_id], rules: [{ ruleId: 1, matched: true }] });
  });

  it('are answered once: announced twice, as both kinds, replayed, and after the events are gone', async () => {
    await announce(comment('c1', 'price'));
    await announce(comment('c1', 'price', { media: { id: 'an advertisement' } }), 'live_comments');
    await announce({ ...comment('c1', 'price'), id: undefined, comment_id: 'c1' });
    await bed.replayAll();
    await bed.query('DELETE FROM webhook_events');
    await announce(comment('c1', 'price'));
    expect(await bed.sends()).toHaveLength(1);
    expect(await last()).toMatchObject({ status: 'processed', stopped: 'this comment has been answered already' });
    await announce(comment('c2', 'price'));
    expect(await bed.sends()).toHaveLength(2);
    expect(await bed.messages()).toHaveLength(4);
  });

  it('have their private reply, though the account has unsent it: Instagram takes one all the same', async () => {
    await announce(comment('c1', 'price'));
    await bed.query(`UPDATE messages SET status = 'sent', external_id = 'm', external_key = ? WHERE direction = 'outbound'`, [sha256('m')]);
    await bed.deliver([item({ message: { mid: 'm', is_deleted: true } }, { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER } })]);
    await bed.process();
    expect(await bed.message('m')).toMatchObject({ text: null, deletedAt: new Date(START), details: { commentId: 'c1' } });
    const replies = new PrivateReplyRepository(bed.db.dialect);
    const c1 = { accountId: ACCOUNT, conversationId: `${ACCOUNT}:${CUSTOMER}`, commentId: 'c1' };
    expect(await bed.db.transactions.read((tx) => replies.findAnswered(tx, [c1, { ...c1, commentId: 'c' }]))).toEqual([c1]);
  });

  it('answered by hand before they were known here are not answered by a rule as well; where that failed they are', async () => {
    await bed.deliver([text('m1', 'hello')]);
    await bed.process();
    const sent = async (id: string, status: string) => {
      const columns = 'account_id, id, conversation_id, position, direction, kind, text, status, details, created_at';
      await bed.query(`INSERT INTO messages (${columns}) VALUES (?, ?, ?, ?, 'outbound', 'text', 'by hand', ?, ?, '2026-11-01 12:00:00.000')`, [
        ACCOUNT, id, `${ACCOUNT}:${CUSTOMER}`, Number(id) + 1, status, JSON.stringify({ commentId: `c${id}` }),
      ]);
    };
    for (const [index, status] of ['queued', 'sending', 'uncertain', 'sent', 'failed'].entries()) await sent(String(index + 1), status);
    for (const id of ['c1', 'c2', 'c3', 'c4']) {
      await announce(comment(id, 'price'));
      expect(await last()).toMatchObject({ status: 'processed', stopped: 'this comment has been answered already' });
    }
    await announce(comment('c5', 'price'));
    expect((await bed.sends()).map(({ request }) => request)).toMatchObject([{ recipient: { comment_id: 'c5' } }]);
  });

  it('that came without their author keep nothing else out', async () => {
    await announce(comment('c1', 'price', { from: { username: 'jane' } }));
    expect(await last()).toMatchObject({ status: 'ignored' });
    await announce(comment('c1', 'price'));
    await announce(comment('c1', 'price', { from: { username: 'jane' } }));
    expect((await bed.sends()).map(({ request }) => request)).toEqual([{ recipient: { comment_id: 'c1' }, message: { text: 'Hi jane: from 10' } }]);
    expect(await bed.decisions()).toHaveLength(2);
  });

  it('that came while the account was off are not answered when they are replayed after it was switched on', async () => {
    await bed.query(`UPDATE instagram_business_accounts SET status = 'inactive'`);
    await announce(comment('c1', 'price'));
    expect((await last()).stopped).toBe('the account is inactive');
    bed.clock.forward(60_000);
    await bed.query(`UPDATE instagram_business_accounts SET status = 'active', active_since = '2026-11-01 12:00:30.000'`);
    await bed.replayAll();
    expect((await last()).stopped).toMatch(/before the account was switched on/);
    expect(await bed.sends()).toEqual([]);
  });

  it('stay events when no rule answers', async () => {
    await announce(comment('c1', 'nice photo'));
    expect(await bed.conversation()).toBeNull();
    expect(await last()).toMatchObject({ status: 'processed', stopped: 'no rule answers it', rules: [{ matched: false }] });
  });

  it.each([
    ['its id', { from: { id: ACCOUNT, username: 'somebody' } }],
    ['its id as a number', { from: { id: Number(ACCOUNT.slice(0, 15)), self_ig_scoped_id: 5 } }],
    ['the mark of the account', { from: { id: '77', username: 'somebody', self_ig_scoped_id: '99' } }],
    ['its username', { from: { id: '77', username: 'SHOP' } }],
  ])('of the account itself, told by %s, start nothing', async (_, over) => {
    await announce(comment('c1', 'price', over));
    expect(await bed.sends()).toEqual([]);
    expect(await last()).toMatchObject({ status: 'ignored', stopped: expect.stringMatching(/account .*itself/) });
  });

  it.each([
    ['who wrote the comment', comment('c1', 'price', { from: { username: 'jane' } })],
    ['who wrote the comment', { id: 'c1', text: 'price' }],
    ['which comment it is', comment('c1', 'price', { id: undefined })],
  ])('that do not say %s are kept', async (what, value) => {
    await announce(value);
    expect(await last()).toMatchObject({ status: 'ignored', stopped: expect.stringContaining(what) });
  });

  it.each([
    ['inactive', { status: 'inactive' }, START],
    ['older than 60 minutes', { status: 'active' }, START - 61 * 60_000],
    ['older than the 7 days', { reply_max_age_minutes: 7 * 24 * 60 }, START - 7 * 24 * 3_600_000],
    ['loop guard', { max_automatic_turns: 0 }, START],
  ])('get no reply: %s', async (why, settings, at) => {
    await bed.set(settings);
    await bed.deliver([text('m', 'hi')]);
    await bed.process();
    await bed.query(`UPDATE conversations SET automatic_turns = 1, automatic_turns_since = '2026-11-01 11:59:00.000'`);
    await announce(comment('c1', 'price'), 'comments', at / 1000);
    expect(await bed.sends()).toEqual([]);
    expect((await last()).stopped).toContain(why);
    expect((await bed.conversation())!.messageCount).toBe(1);
  });

  it('of the last seven days are answered where the account wants that', async () => {
    await bed.set({ reply_max_age_minutes: 7 * 24 * 60 });
    await announce(comment('c1', 'price'), 'comments', START / 1000 - 7 * 24 * 3600 + 60);
    expect(await bed.sends()).toMatchObject([{ send_before: '2026-11-01 12:01:00.000' }]);
  });

  it('in a paused conversation, or of a person who has opted out, get none', async () => {
    await bed.deliver([text('m', 'hi')]);
    await bed.process();
    await bed.query(`UPDATE conversations SET automation_paused = 1, automation_reason = 'operator'`);
    await announce(comment('c1', 'price'));
    expect((await last()).stopped).toMatch(/paused .*operator/);
    await bed.query('UPDATE conversations SET automation_paused = 0, opted_out = 1');
    await announce(comment('c2', 'price'));
    expect((await last()).stopped).toMatch(/opted out/);
    expect(await bed.sends()).toEqual([]);
  });

  it('whose reply does not fit into one message get that of the next rule, or none', async () => {
    await bed.addRule({ trigger_type: 'comment', priority: 1, response_template: 'word '.repeat(250) });
    await announce(comment('c1', 'price'));
    expect(await bed.sends()).toMatchObject([{ request: { message: { text: 'Hi jane: from 10' } } }]);
    const tooLong = { matched: true, reason: expect.stringMatching(/passed over: the reply is too long: it does not fit into one message/) };
    expect(await last()).toMatchObject({ rules: [tooLong, { matched: true }] });
    await bed.query('DELETE FROM response_rules WHERE priority > 1');
    await bed.query('UPDATE rule_sets SET version = version + 1');
    await announce(comment('c2', 'price'));
    expect(await bed.sends()).toHaveLength(1);
    expect(await last()).toMatchObject({ stopped: expect.stringMatching(/no rule answers/), rules: [tooLong] });
  });

  it('come in the flat form, and in one batch with messages, in order', async () => {
    await bed.deliverEntry({ field: 'live_comments', time: START / 1000 - 5, value: comment('c1', 'price') });
    await bed.deliver([text('m1', 'hi'), text('m0', 'before', { timestamp: START - 9000 })]);
    await bed.process();
    expect((await bed.messages()).map(({ external_id, kind }) => external_id ?? kind)).toEqual(['m0', 'c1', 'text', 'm1']);
  });

  it('survive a name that no column takes', async () => {
    await announce(comment('c1', 'price', { from: { id: CUSTOMER, username: 'é'.repeat(300) } }));
    expect((await bed.conversation())!.participantUsername).toHaveLength(255);
  });
});
