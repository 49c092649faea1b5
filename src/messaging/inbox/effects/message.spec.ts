import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, CUSTOMER, InboxBed, item, START, text } from '../../../../test/support/inbox-bed.js';

const DAY = 86_400_000;
const fromAccount = { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER } };

describe('messages, postbacks and what opens the window', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
  });
  afterEach(async () => {
    await bed.db.close();
  });

  const deliver = async (...items: unknown[]) => {
    await bed.deliver(items);
    await bed.process();
  };

  it.each([
    ['text', { text: 'hi' }, null],
    ['quick_reply', { text: 'Yes', quick_reply: { payload: 'YES' } }, { payload: 'YES' }],
    ['text', { text: 'hi', reply_to: { mid: 'earlier', is_self_reply: true } }, { replyTo: { mid: 'earlier' } }],
    ['text', { text: 'nice', reply_to: { story: { id: 5, url: 'https://s/5' } } }, { replyTo: { story: { id: '5', url: 'https://s/5' } } }],
    ['text', { text: 'hi', referral: { ref: 'r', ad_id: 7, source: 'ADS', type: 'OPEN_THREAD', ads_context_data: { ad_title: 'x' } } },
      { referral: { ref: 'r', ad_id: '7', source: 'ADS', type: 'OPEN_THREAD' } }],
    ['text', { text: 'hi', referral: { product: { id: '3' } } }, { referral: { product: '3' } }],
    ['story_mention', { attachments: [{ type: 'story_mention', payload: { url: 'https://s/1' } }] }, null],
    ['unsupported', { is_unsupported: true }, null],
    ['empty', {}, null],
  ])('a %s keeps what it says', async (kind, content, details) => {
    await deliver(item({ message: { mid: 'm', ...content } }));
    expect(await bed.message('m')).toMatchObject({ kind, details, direction: 'inbound', status: 'received', sentAt: new Date(START) });
  });

  it.each([
    ['known to be the same by its id', { ig_post_media_id: '5', url: 'https://old' }, { ig_post_media_id: 5, title: 't', url: 'https://new' }, ['ig_post']],
    ['by its address', { url: 'https://p' }, { url: 'https://p' }, ['ig_post']],
    ['not the same', { url: 'https://a' }, { url: 'https://b' }, ['share', 'ig_post']],
    ['nobody can tell', {}, {}, ['share', 'ig_post']],
  ])('a post that comes as share and ig_post counts once: %s', async (_, share, post, types) => {
    await deliver(item({ message: { mid: 'm', attachments: [{ type: 'share', payload: share }, { type: 'ig_post', payload: post }] } }));
    expect((await bed.message('m'))!.attachments.map(({ type }) => type)).toEqual(types);
  });

  it('takes attachments of any type and shape', async () => {
    const attachments = [
      { type: 'image', payload: { url: 'https://1' } }, { type: 'ephemeral' }, { type: 'template', payload: null }, { type: 5 }, null, 'x',
      { type: 'a type of tomorrow', payload: { url: 5 } },
    ];
    await deliver(item({ message: { mid: 'm', attachments } }));
    expect(await bed.message('m')).toMatchObject({
      kind: 'image',
      attachments: [
        { type: 'image', url: 'https://1' }, { type: 'ephemeral' }, { type: 'template' }, { type: 'unknown' }, { type: 'unknown' },
        { type: 'unknown' }, { type: 'a type of tomorrow' },
      ],
    });
  });

  it.each([
    ['a message', text('m', 'hi'), true, true],
    ['a postback', item({ postback: { title: 'x', payload: 'x' } }), true, true],
    ['a reaction', item({ reaction: { mid: 'm', action: 'react', emoji: '❤' } }), true, false],
    ['a referral', item({ referral: { ref: 'x', source: 'SHORTLINK', type: 'OPEN_THREAD' } }), true, false],
    ['an unreaction', item({ reaction: { mid: 'm', action: 'unreact' } }), false, false],
    ['an echo', item({ message: { mid: 'e', text: 'x', is_echo: true } }, fromAccount), false, false],
    ['a read', item({ read: { mid: 'm' } }), false, false],
    ['an edit', item({ message_edit: { mid: 'm', num_edit: 1, text: 'x' } }), false, false],
    ['an unsend', item({ message: { mid: 'm', is_deleted: true } }), false, false],
    ['an opt-in', item({ optin: { type: 'notification_messages' } }), false, false],
  ])('%s opens the window: see the table', async (_, one, opens, counts) => {
    await deliver(one);
    const conversation = await bed.conversation();
    expect(conversation?.windowClosesAt ?? null).toEqual(opens ? new Date(START + DAY) : null);
    expect(conversation?.lastInboundAt ?? null).toEqual(counts ? new Date(START) : null);
  });

  it('the window closes a day after the latest of them, whatever came first', async () => {
    await deliver(text('m2', 'hi', { timestamp: START - 1000 }));
    await deliver(text('m1', 'hi', { timestamp: START - 9000 }), item({ referral: { ref: 'x' } }, { timestamp: START - 500 }));
    expect(await bed.conversation()).toMatchObject({
      windowClosesAt: new Date(START - 500 + DAY), lastInboundAt: new Date(START - 1000), lastMessageAt: new Date(START - 1000),
    });
  });

  it('a link into the conversation is no message, and may be answered, once', async () => {
    await bed.addRule({ trigger_type: 'referral', trigger_value: 'spring', response_template: 'Welcome' });
    await deliver(item({ referral: { ref: 'Spring', source: 'SHORTLINK', type: 'OPEN_THREAD' } }));
    await bed.replayAll();
    expect(await bed.messages()).toMatchObject([{ direction: 'outbound', text: 'Welcome' }]);
    expect((await bed.decisions())[0]).toMatchObject({ attempts: 2, queued: [expect.any(String)], stopped: null });
    await deliver(item({ referral: { ref: 'autumn' } }, { timestamp: START + 1 }));
    expect(await bed.sends()).toHaveLength(1);
  });

  it('what could not be answered then may be when it is replayed', async () => {
    await bed.addRule({ trigger_type: 'reaction', response_template: 'Thanks' });
    await bed.set({ status: 'inactive' });
    await deliver(item({ reaction: { mid: 'm', action: 'react', emoji: '❤' } }));
    await bed.set({ status: 'active' });
    await bed.replayAll();
    expect(await bed.sends()).toHaveLength(1);
  });

  it.each([
    ['story_reply', { message: { mid: 'm', text: 'nice', reply_to: { story: { id: '5' } } } }],
    ['story_mention', { message: { mid: 'm', attachments: [{ type: 'story_mention' }] } }],
    ['quick_reply', { message: { mid: 'm', text: 'Yes', quick_reply: { payload: 'YES' } } }],
    ['postback', { postback: { title: 'Start', payload: 'START' } }],
    ['referral', { postback: { title: 'Start', payload: 'START', referral: { ref: 'r' } } }],
  ])('a %s rule answers it, and no ordinary message', async (trigger, content) => {
    await bed.addRule({ trigger_type: trigger, response_template: 'Yes!' });
    await deliver(text('plain', 'hi'));
    expect(await bed.sends()).toEqual([]);
    await deliver(item(content));
    expect(await bed.sends()).toHaveLength(1);
  });

  it.each([
    ['a message to itself', item({ message: { mid: 'm', text: 'note', is_echo: true, is_self: true } }, { sender: { id: ACCOUNT }, recipient: { id: '55' } })],
    ['a postback of its own', item({ postback: { title: 'x', payload: 'x' } }, { is_self: true })],
    ['a message it sent, not marked as an echo', text('m', 'hi', fromAccount)],
    ['a reaction of its own', item({ reaction: { mid: 'm', action: 'react', emoji: '❤' } }, fromAccount)],
    ['a referral of its own', item({ referral: { ref: 'x' } }, fromAccount)],
    ['an echo', item({ message: { mid: 'm', text: 'hi', is_echo: true } }, fromAccount)],
    ['an echo marked outside', item({ is_echo: true, message: { mid: 'm', text: 'hi' } }, fromAccount)],
    ['a postback marked as an echo', item({ is_echo: true, postback: { title: 'x', payload: 'x' } })],
  ])('what the account did itself starts nothing: %s', async (_, one) => {
    for (const trigger of ['any', 'reaction', 'referral', 'postback']) await bed.addRule({ trigger_type: trigger });
    await deliver(one);
    await bed.replayAll();
    expect(await bed.sends()).toEqual([]);
  });
});

describe('standby', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
    for (const trigger of ['any', 'reaction', 'referral']) await bed.addRule({ trigger_type: trigger });
  });
  afterEach(async () => {
    await bed.db.close();
  });

  it('is recorded and takes effect, and nothing of it is answered', async () => {
    const items = [
      text('m', 'hi'), item({ postback: { mid: 'p', title: 'x', payload: 'x' } }), item({ message: { mid: 'e', text: 'we', is_echo: true } }, fromAccount),
      item({ reaction: { mid: 'm', action: 'react', emoji: '❤' } }), item({ read: { mid: 'e' } }),
      item({ message_edit: { mid: 'm', num_edit: 1, text: 'hello' } }), item({ referral: { ref: 'x' } }),
    ];
    await bed.deliverEntry({ standby: items });
    await bed.process();
    expect((await bed.messages()).map(({ external_id, direction }) => [external_id, direction])).toEqual([['m', 'inbound'], ['p', 'inbound'], ['e', 'outbound']]);
    expect(await bed.message('m')).toMatchObject({ text: 'hello', reactions: [{ emoji: '❤' }] });
    expect((await bed.message('e'))!.readAt).not.toBeNull();
    expect(await bed.sends()).toEqual([]);
    // Nor does its echo pause anything.
    expect(await bed.conversation()).toMatchObject({ takeoverUntil: null, windowClosesAt: new Date(START + DAY) });
    const [first] = await bed.query<{ kind: string }>('SELECT kind FROM webhook_events');
    expect(first!.kind).toBe('standby');
    expect((await bed.decisions())[0]!.stopped).toMatch(/standby/);
    await bed.deliverEntry({ standby: [item({ message: { mid: 'm', is_deleted: true } }, { timestamp: START + 1 })] });
    await bed.process();
    expect(await bed.message('m')).toMatchObject({ text: null, deletedAt: new Date(START + 1) });
  });

  it('does not keep its message from being recorded once', async () => {
    await bed.deliver([text('m', 'hi')]);
    await bed.deliverEntry({ standby: [text('m', 'hi')] });
    await bed.deliverEntry({ changes: [{ field: 'standby', value: text('m', 'hi') }] });
    await bed.process();
    expect((await bed.messages()).filter(({ direction }) => direction === 'inbound')).toHaveLength(1);
    expect(await bed.sends()).toHaveLength(1);
  });
});
