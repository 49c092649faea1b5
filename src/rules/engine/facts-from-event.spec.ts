import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { factsOf, type FactsContext } from './facts.js';
import { factsFromEvent, readFacts } from './facts-from-event.js';

const who: FactsContext = { username: null, name: null, account: { username: 'shop', id: '17' } };
const parties = { sender: { id: '1' }, recipient: { id: '17' } };
const item = { ...parties, message: { mid: 'm', text: 'hi', quick_reply: { payload: 'P' } } };
const itemFacts = factsOf(who, 'message', 'hi', { payload: 'P', quickReply: true });
const comment = (value: object) => ({ field: 'comments', value: { id: '9', text: 'Price?', ...value } });

describe('factsFromEvent', () => {
  it.each([
    ['an item', item],
    ['an entry', { id: '17', messaging: [item] }],
    ['a delivery', { object: 'instagram', entry: [{ id: 17, time: 5, messaging: [item, { read: {} }] }] }],
    ['a delivery whose first entry is empty', { entry: [null, {}, { messaging: [item] }] }],
    ['an array of deliveries', [{ entry: [{ messaging: [item] }] }]],
    ['a change, as the test button has it', { field: 'messages', value: item }],
    ['an entry of changes', { entry: [{ id: '0', changes: [{ field: 'messages', value: item }] }] }],
    ['the flat form', { entry: [{ id: '17', field: 'messages', value: item }] }],
  ])('reads %s', (_, event) => {
    expect(factsFromEvent(event, who)).toEqual(itemFacts);
  });

  it.each([
    [{ message: { text: 'hi', reply_to: { mid: 'x' } } }, factsOf(who, 'message', 'hi')],
    [
      { message: { text: 'hi', reply_to: { story: { id: '5' } } } },
      factsOf(who, 'message', 'hi', { storyReply: true }),
    ],
    [{ message: { attachments: [{ type: 'story_mention' }] } }, factsOf(who, 'message', null, { storyMention: true })],
    [{ message: { mid: 'm', is_unsupported: true } }, factsOf(who, 'message', null)],
    [
      { message: { text: 'hi', referral: { ref: 'spring', ad_id: 12, source: 'ADS' } } },
      factsOf(who, 'message', 'hi', { referral: { ref: 'spring', adId: '12', source: 'ADS' } }),
    ],
    [
      { postback: { title: 'Start', payload: 'GO', referral: { ref: 'r' } } },
      factsOf(who, 'postback', 'Start', { payload: 'GO', referral: { ref: 'r', adId: null, source: null } }),
    ],
    [
      { referral: { ref: 'r', source: 'SHORTLINK' } },
      factsOf(who, 'referral', null, { referral: { ref: 'r', adId: null, source: 'SHORTLINK' } }),
    ],
    [
      { reaction: { mid: 'm', action: 'react', reaction: 'love', emoji: '❤️' } },
      factsOf(who, 'reaction', '❤️', { reaction: { name: 'love', emoji: '❤️' } }),
    ],
    [{ reaction: { emoji: '👍' } }, factsOf(who, 'reaction', '👍', { reaction: { name: null, emoji: '👍' } })],
  ])('reads %j', (event, facts) => {
    expect(factsFromEvent({ ...parties, ...event }, who)).toEqual(facts);
  });

  it('reads comments, with the name of the person who wrote it', () => {
    const facts = factsOf({ ...who, username: 'jane' }, 'comment', 'Price?');
    const value = { from: { id: 1, username: 'jane' } };
    expect(factsFromEvent(comment(value), who)).toEqual(facts);
    expect(factsFromEvent({ entry: [{ id: '17', time: 5, changes: [comment(value)] }] }, who)).toEqual(facts);
    expect(factsFromEvent({ entry: [{ id: '17', ...comment(value), field: 'live_comments' }] }, who)).toEqual(facts);
    expect(factsFromEvent(comment({ ...value, text: undefined }), { ...who, username: 'known' })).toEqual({
      ...facts,
      text: null,
      username: 'known',
    });
  });

  it.each([
    ['a message of the account', { ...item, sender: { id: 17 } }, /the account itself/],
    ['an echo', { sender: { id: '1' }, message: { text: 'hi', is_echo: true } }, /message of the account itself/],
    ['an echo marked outside', { is_echo: true, message: { text: 'hi' } }, /message of the account itself/],
    ['a self message', { message: { text: 'hi', is_self: true } }, /the account itself/],
    ['a self postback', { is_self: true, postback: { payload: 'P' } }, /the account itself/],
    ['a self postback that says so itself', { postback: { payload: 'P', is_self: true } }, /the account itself/],
    ['an echo of a postback', { is_echo: true, postback: { payload: 'P' } }, /of the account itself/],
    [
      'a reaction of the account',
      { id: '5', messaging: [{ sender: { id: '5' }, reaction: { action: 'react' } }] },
      /itself/,
    ],
    ['an unsend', { message: { mid: 'm', is_deleted: true } }, /unsent/],
    ['an unreact', { reaction: { mid: 'm', action: 'unreact' } }, /taken back/],
    ['standby', { entry: [{ id: '17', standby: [item] }] }, /standby/],
    ['standby as a change', { field: 'standby', value: item }, /standby/],
    ['a comment of the account', comment({ from: { id: '17' } }), /the account itself/],
    ['a comment of the entry', { id: '5', changes: [comment({ from: { id: '5' } })] }, /the account itself/],
    ['a comment under its own name', comment({ from: { id: '1', username: 'Shop' } }), /the account itself/],
    ['a comment with its own scoped id', comment({ from: { id: '1', self_ig_scoped_id: '2' } }), /the account itself/],
    ['a comment of nobody', comment({ from: { username: 'jane' } }), /who wrote it/],
    ['an edit', { message_edit: { mid: 'm', text: 'hi', num_edit: 1 } }, /none of those/],
    ['a mention', { field: 'mentions', value: { media_id: '1' } }, /none of those/],
    ['fields without values', { entry: [{ id: '17', changed_fields: ['messages'] }] }, /none of those/],
    ['nothing', { entry: [{ messaging: [] }] }, /none of those/],
  ] as [string, unknown, RegExp][])('finds none in %s, and says why', (_, event, why) => {
    expect(factsFromEvent(event, who)).toBeNull();
    expect(readFacts(event, who)).toMatch(why);
  });

  it('takes any JSON', () => {
    const names = [
      'entry',
      'messaging',
      'changes',
      'field',
      'value',
      'message',
      'postback',
      'reaction',
      'referral',
      'from',
      'id',
      'sender',
    ];
    const key = fc.oneof(fc.constantFrom(...names), fc.string());
    const leaf = fc.oneof(fc.constantFrom('comments', 'messages', 'standby', 'react'), fc.jsonValue());
    const { event } = fc.letrec((again) => ({
      event: fc.oneof({ depthSize: 'medium' }, leaf, fc.array(again('event')), fc.dictionary(key, again('event'))),
    }));
    fc.assert(
      fc.property(event, (any) => {
        const read = readFacts(any, who);
        expect(factsFromEvent(any, who)).toEqual(typeof read === 'string' ? null : read);
      }),
    );
  });
});
