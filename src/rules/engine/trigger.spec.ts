import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareFacts } from './compared-facts.js';
import { factsOf, type Facts, type FactsContext } from './facts.js';
import { factsFromEvent } from './facts-from-event.js';
import { compileTrigger } from './trigger.js';
import { TRIGGER_TYPES, TRIGGER_VALUES, type TriggerType } from './trigger-types.js';

const who: FactsContext = { username: null, name: null, account: { username: 'shop' } };
const given = {
  text: factsOf(who, 'message', 'Hello there'),
  attachment: factsOf(who, 'message', null),
  tap: factsOf(who, 'message', 'Red', { payload: 'COLOUR_RED', quickReply: true }),
  postback: factsOf(who, 'postback', 'Get started', { payload: 'GET_STARTED' }),
  storyReply: factsOf(who, 'message', 'Nice!', { storyReply: true }),
  storyMention: factsOf(who, 'message', null, { storyMention: true }),
  heart: factsOf(who, 'reaction', '❤️', { reaction: { name: null, emoji: '❤️' } }),
  thumb: factsOf(who, 'reaction', '👍', { reaction: { name: 'like', emoji: '👍' } }),
  brownThumb: factsOf(who, 'reaction', '👍🏽', { reaction: { name: 'other', emoji: '👍🏽' } }),
  love: factsOf(who, 'reaction', null, { reaction: { name: 'love', emoji: null } }),
  burning: factsOf(who, 'reaction', '❤️‍🔥', { reaction: { name: 'other', emoji: '❤️‍🔥' } }),
  link: factsOf(who, 'referral', null, { referral: { ref: 'Spring', adId: null, source: 'IG_ME' } }),
  ad: factsOf(who, 'message', 'Hello', { referral: { ref: null, adId: '120', source: 'ADS' } }),
  comment: factsOf(who, 'comment', 'The PRICE, please'),
  emptyComment: factsOf(who, 'comment', null),
} satisfies Record<string, Facts>;
type Name = keyof typeof given;
const all = Object.keys(given) as Name[];

const test = (type: TriggerType, value: string | null, facts: Facts) =>
  compileTrigger(type, value).test(compareFacts(facts));

describe('a trigger', () => {
  it.each([
    ['exact', 'hello there', ['text']],
    ['contains', 'hello', ['text', 'ad']],
    ['starts_with', 'hell', ['text', 'ad']],
    ['regex', '.', ['text', 'tap', 'storyReply', 'ad']],
    ['any', null, ['text', 'attachment', 'tap', 'postback', 'storyReply', 'storyMention', 'ad']],
    ['postback', null, ['postback']],
    ['postback', ' get_STARTED', ['postback']],
    ['postback', 'GET', []],
    ['postback', 'COLOUR_RED', []],
    ['quick_reply', null, ['tap']],
    ['quick_reply', 'colour_red', ['tap']],
    ['quick_reply', 'Red', []],
    ['story_reply', null, ['storyReply']],
    ['story_mention', null, ['storyMention']],
    ['reaction', null, ['heart', 'thumb', 'brownThumb', 'love', 'burning']],
    ['reaction', 'love', ['heart', 'love']],
    ['reaction', '❤', ['heart', 'love']],
    ['reaction', 'LIKE', ['thumb']],
    ['reaction', '👍', ['thumb', 'brownThumb']],
    ['reaction', '👍🏿', ['thumb', 'brownThumb']],
    ['referral', null, ['link', 'ad']],
    ['referral', 'spring', ['link']],
    ['referral', '120', ['ad']],
    ['comment', null, ['comment', 'emptyComment']],
    ['comment', 'price', ['comment']],
    ['comment', 'pri', []],
  ] as [TriggerType, string | null, Name[]][])('%s %j matches %j', (type, value, expected) => {
    const matched = all.filter((name) => test(type, value, given[name]).matched);
    expect(matched).toEqual(expected);
  });

  it.each([
    ['postback', 'GO', 'postback', 'it is a postback, but its payload is not "GO"'],
    ['postback', null, 'text', 'it is not a postback'],
    ['postback', 'GET_STARTED', 'postback', 'it is a postback, and its payload is "GET_STARTED"'],
    ['quick_reply', null, 'tap', 'it is a tap on a quick reply'],
    ['story_reply', null, 'text', 'it is not a reply to a story'],
    ['story_mention', null, 'storyMention', 'it is a mention in a story'],
    ['reaction', '🔥', 'heart', 'it is a reaction, but its name or emoji is not "🔥"'],
    ['referral', 'x', 'text', 'it is not a referral'],
    ['comment', 'size', 'comment', 'it is a comment that does not contain "size"'],
    ['exact', 'x', 'comment', 'there is no message text'],
    ['any', null, 'comment', 'it is a comment, neither a message nor a postback'],
  ] as [TriggerType, string | null, Name, string][])('%s %j says about %s: %s', (type, value, name, reason) => {
    expect(test(type, value, given[name]).reason).toBe(reason);
  });

  it.each([
    ['postback', null, 'postback', 'GET_STARTED'],
    ['quick_reply', 'colour_red', 'tap', 'colour_red'],
    ['story_reply', null, 'storyReply', 'Nice!'],
    ['reaction', null, 'heart', '❤'],
    ['referral', null, 'ad', '120'],
    ['comment', null, 'comment', 'The PRICE, please'],
    ['comment', 'price', 'comment', 'price'],
  ] as [TriggerType, string | null, Name, string][])(
    '%s %j on %s gives the template %j as match',
    (type, value, name, match) => {
      expect(test(type, value, given[name])).toMatchObject({ matched: true, match: { '0': match } });
    },
  );

  const optional = TRIGGER_TYPES.filter((type) => TRIGGER_VALUES[type] === 'optional');
  const anyText = fc.string({ unit: 'grapheme', minLength: 1 });

  it('without a value matches whatever it matches with one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...optional), anyText, fc.constantFrom(...all), (type, value, name) => {
        fc.pre(value.trim() !== '' && !/^\p{Cf}*$/u.test(value));
        const withValue = test(type, value, given[name]);
        if (withValue.matched) expect(test(type, null, given[name]).matched).toBe(true);
      }),
    );
  });

  it('compares payloads, refs and comments as it compares texts: letter case and width do not matter', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcxyzäß_09é'), minLength: 1 }), (value) => {
        const forms = [value.toUpperCase(), ` ${value} `, value.normalize('NFD'), value.replace(/[a-z]/g, fullWidth)];
        for (const form of forms) {
          const referral = { ref: form, adId: null, source: null };
          expect(test('postback', value, factsOf(who, 'postback', null, { payload: form })).matched).toBe(true);
          expect(
            test('quick_reply', value, factsOf(who, 'message', 'x', { payload: form, quickReply: true })).matched,
          ).toBe(true);
          expect(test('referral', value, factsOf(who, 'referral', null, { referral })).matched).toBe(true);
          expect(test('comment', value, factsOf(who, 'comment', form)).matched).toBe(true);
        }
      }),
    );
  });

  it('never throws, whatever the event', () => {
    const triggers = TRIGGER_TYPES.map((type) =>
      compileTrigger(type, TRIGGER_VALUES[type] === 'required' ? 'a' : null),
    );
    const shape = (value: fc.Arbitrary<unknown>) =>
      fc.record(
        Object.fromEntries(
          [
            'text',
            'payload',
            'title',
            'quick_reply',
            'reply_to',
            'attachments',
            'referral',
            'ref',
            'action',
            'emoji',
            'from',
            'id',
          ].map((name) => [name, value] as const),
        ),
        { requiredKeys: [] },
      );
    const inner = shape(fc.oneof(shape(fc.jsonValue()), fc.jsonValue()));
    const event = fc.oneof(
      fc.record({ message: inner }),
      fc.record({ postback: inner }),
      fc.record({ reaction: inner }),
      fc.record({ referral: inner }),
      fc.record({ field: fc.constantFrom('comments', 'live_comments', 'messages'), value: inner }),
    );
    fc.assert(
      fc.property(event, (any) => {
        const facts = factsFromEvent(any, who);
        if (!facts) return;
        for (const trigger of triggers) expect(typeof trigger.test(compareFacts(facts)).reason).toBe('string');
      }),
    );
  });
});

function fullWidth(letter: string): string {
  return String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0);
}
