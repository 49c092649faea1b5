export const TRIGGER_TYPES = [
  'exact',
  'contains',
  'starts_with',
  'regex',
  'any',
  'postback',
  'quick_reply',
  'story_reply',
  'story_mention',
  'reaction',
  'referral',
  'comment',
] as const;
export type TriggerType = (typeof TRIGGER_TYPES)[number];

/** What a trigger makes of `triggerValue`. `optional`: without one, whatever is of that kind matches. */
export const TRIGGER_VALUES: Readonly<Record<TriggerType, 'required' | 'optional' | 'ignored'>> = {
  exact: 'required',
  contains: 'required',
  starts_with: 'required',
  regex: 'required',
  any: 'ignored',
  postback: 'optional',
  quick_reply: 'optional',
  story_reply: 'ignored',
  story_mention: 'ignored',
  reaction: 'optional',
  referral: 'optional',
  comment: 'optional',
};
