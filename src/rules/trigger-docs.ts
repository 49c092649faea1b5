import { TRIGGER_TYPES, TRIGGER_VALUES, type TriggerType } from './engine/trigger-types.js';

/** What people read about a trigger: here, in Swagger UI, and in docs/api.md (a test compares the two). */
export const TRIGGER_DOCS: Readonly<Record<TriggerType, { readonly matches: string; readonly value: string }>> = {
  exact: { matches: 'the whole text of a message', value: 'the text' },
  contains: { matches: 'a whole word or phrase in the text', value: 'the word or phrase' },
  starts_with: { matches: 'the beginning of the text', value: 'the beginning' },
  regex: { matches: 'a pattern found anywhere in the text; at most 100 such rules an account', value: 'an RE2 pattern' },
  any: { matches: 'every inbound message and postback', value: '' },
  postback: { matches: 'a tap on a button, an ice breaker or the menu', value: 'its payload' },
  quick_reply: { matches: 'a tap on a quick reply', value: 'its payload' },
  story_reply: { matches: "a reply to one of the account's stories", value: '' },
  story_mention: { matches: "a mention of the account in somebody's story", value: '' },
  reaction: { matches: 'a reaction to a message', value: 'its name (`love`) or emoji (`❤️`)' },
  referral: { matches: 'somebody who came by an ad or an ig.me link', value: "the link's `ref` or the ad's id" },
  comment: {
    matches: 'a comment on a post, reel or live video; answered once, by a private reply',
    value: 'a word or phrase in it',
  },
};

const USES = { required: '', optional: '; absent: any', ignored: '' } as const;

/** The rows of the table: type, what it matches, what `triggerValue` is. */
export const TRIGGER_ROWS: readonly string[] = TRIGGER_TYPES.map((type) => {
  const { matches, value } = TRIGGER_DOCS[type];
  return `| \`${type}\` | ${matches} | ${value === '' ? 'ignored' : value}${USES[TRIGGER_VALUES[type]]} |`;
});

export const TRIGGER_TABLE = ['| triggerType | matches | triggerValue |', '| --- | --- | --- |', ...TRIGGER_ROWS].join(
  '\n',
);
