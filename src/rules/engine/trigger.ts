import type { ComparedFacts, ComparedText } from './compared-facts.js';
import { containsPhrase } from './find-phrase.js';
import { foldText, normalizeText } from './fold-text.js';
import { Pattern, type PatternMatch } from './pattern.js';
import { TRIGGER_VALUES, type TriggerType } from './trigger-types.js';

export type TriggerResult =
  | { readonly matched: true; readonly match: PatternMatch; readonly reason: string }
  | { readonly matched: false; readonly reason: string };

export type Trigger = (compared: ComparedFacts) => TriggerResult;

/** @throws Error that says what is wrong with the value. */
export function compileTrigger(type: TriggerType, value: string | null): Trigger {
  const wanted = wantedBy(type, value);
  switch (type) {
    case 'exact':
      return textTrigger(wanted, (text) => text.folded === wanted.folded, ['equals', 'does not equal']);
    case 'contains':
      return textTrigger(wanted, (text) => containsPhrase(text.folded, wanted.folded), [
        'contains',
        'does not contain',
      ]);
    case 'starts_with':
      return textTrigger(wanted, (text) => text.folded.startsWith(wanted.folded), [
        'starts with',
        'does not start with',
      ]);
    case 'regex':
      return patternTrigger(Pattern.compile(value ?? ''));
    case 'any':
      return anyTrigger;
    case 'postback':
      return valueTrigger(
        wanted,
        'postback',
        'payload',
        ({ facts, payload }) => facts.kind === 'postback' && listed(payload),
      );
    case 'quick_reply':
      return valueTrigger(
        wanted,
        'tap on a quick reply',
        'payload',
        ({ facts, payload }) => facts.quickReply && listed(payload),
      );
    case 'reaction':
      return valueTrigger(
        wanted,
        'reaction',
        'name or emoji',
        ({ facts, reactions }) => facts.kind === 'reaction' && reactions,
      );
    case 'referral':
      return valueTrigger(
        wanted,
        'referral',
        'ref or ad id',
        ({ facts, referrals }) => facts.referral !== null && referrals,
      );
    case 'comment':
      return commentTrigger(wanted);
    case 'story_reply':
      return storyTrigger('a reply to a story', ({ facts }) => facts.storyReply);
    case 'story_mention':
      return storyTrigger('a mention in a story', ({ facts }) => facts.storyMention);
  }
}

/** Empty: anything of the kind will do. */
function wantedBy(type: TriggerType, value: string | null): ComparedText {
  const use = TRIGGER_VALUES[type];
  if (use === 'ignored' || (use === 'optional' && value === null)) return { normal: '', folded: '' };
  const wanted = { normal: normalizeText(value ?? ''), folded: foldText(value ?? '') };
  if (wanted.folded !== '') return wanted;
  throw new Error(use === 'optional' ? 'must not be empty; leave it out, or null, for any' : 'must not be empty');
}

function hit(match: string, reason: string): TriggerResult {
  return { matched: true, match: { '0': match }, reason };
}

function miss(reason: string): TriggerResult {
  return { matched: false, reason };
}

const NO_TEXT = miss('there is no message text');

function textTrigger(
  wanted: ComparedText,
  test: (text: ComparedText) => boolean,
  [yes, no]: [string, string],
): Trigger {
  const found = hit(wanted.normal, `the text ${yes} "${wanted.normal}"`);
  const notFound = miss(`the text ${no} "${wanted.normal}"`);
  return ({ text }) => (text === null ? NO_TEXT : test(text) ? found : notFound);
}

function patternTrigger(pattern: Pattern): Trigger {
  const notFound = miss('the pattern does not match');
  return ({ text }) => {
    if (text === null) return NO_TEXT;
    const match = pattern.match(text.normal);
    return match ? { matched: true, match, reason: 'the pattern matches' } : notFound;
  };
}

const anyTrigger: Trigger = ({ facts }) =>
  facts.kind === 'message' || facts.kind === 'postback'
    ? hit(normalizeText(facts.text ?? ''), 'every message and postback matches')
    : miss(`it is a ${facts.kind}, neither a message nor a postback`);

function listed(text: ComparedText | null): readonly ComparedText[] {
  return text === null ? [] : [text];
}

/** `read`: what may be compared with the value; false when the event is not of the kind. */
function valueTrigger(
  wanted: ComparedText,
  kind: string,
  what: string,
  read: (compared: ComparedFacts) => readonly ComparedText[] | false,
): Trigger {
  const found = hit(wanted.normal, `it is a ${kind}, and its ${what} is "${wanted.normal}"`);
  const notFound = miss(`it is a ${kind}, but its ${what} is not "${wanted.normal}"`);
  const otherKind = miss(`it is not a ${kind}`);
  return (compared) => {
    const values = read(compared);
    if (values === false) return otherKind;
    if (wanted.folded === '') return hit(values[0]?.normal ?? '', `it is a ${kind}`);
    return values.some((value) => value.folded === wanted.folded) ? found : notFound;
  };
}

function commentTrigger(wanted: ComparedText): Trigger {
  const found = hit(wanted.normal, `it is a comment that contains "${wanted.normal}"`);
  const notFound = miss(`it is a comment that does not contain "${wanted.normal}"`);
  const otherKind = miss('it is not a comment');
  return ({ facts, comment }) => {
    if (facts.kind !== 'comment') return otherKind;
    if (wanted.folded === '') return hit(comment?.normal ?? '', 'it is a comment');
    return comment !== null && containsPhrase(comment.folded, wanted.folded) ? found : notFound;
  };
}

function storyTrigger(what: string, test: (compared: ComparedFacts) => boolean): Trigger {
  const other = miss(`it is not ${what}`);
  return (compared) => (test(compared) ? hit(normalizeText(compared.facts.text ?? ''), `it is ${what}`) : other);
}
