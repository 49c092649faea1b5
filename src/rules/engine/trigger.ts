import type { ComparedFacts } from './compared-facts.js';
import type { ComparedText } from './compared-text.js';
import { containsPhrase } from './find-phrase.js';
import { normalizeText } from './fold-text.js';
import { Pattern, type PatternMatch } from './pattern.js';
import { TimedPattern } from './timed-pattern.js';
import type { TriggerType } from './trigger-types.js';
import { valuesOf, type ValueTriggerType } from './trigger-values.js';
import { wantedBy, type WantedText } from './wanted-text.js';

export type TriggerResult =
  | { readonly matched: true; readonly match: PatternMatch; readonly reason: string }
  /** `untried`: whether it matches was not found out. */
  | { readonly matched: false; readonly reason: string; readonly untried?: true };

export interface Trigger {
  test(compared: ComparedFacts): TriggerResult;
  /** The reason of a test that is known to have failed, without testing again. */
  whyNot(compared: ComparedFacts): string;
}

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
      return valueTrigger(wanted, type, 'postback', 'payload');
    case 'quick_reply':
      return valueTrigger(wanted, type, 'tap on a quick reply', 'payload');
    case 'reaction':
      return valueTrigger(wanted, type, 'reaction', 'name or emoji');
    case 'referral':
      return valueTrigger(wanted, type, 'referral', 'ref or ad id');
    case 'comment':
      return commentTrigger(wanted);
    case 'story_reply':
      return storyTrigger('a reply to a story', ({ facts }) => facts.storyReply);
    case 'story_mention':
      return storyTrigger('a mention in a story', ({ facts }) => facts.storyMention);
  }
}

/** Of a stored rule that does not compile: it never matches. */
export function unusableTrigger(reason: string): Trigger {
  return triggerOf(
    () => null,
    () => reason,
  );
}

/** `test`: what matched, or null. */
function triggerOf(
  test: (compared: ComparedFacts) => TriggerResult | null,
  whyNot: (compared: ComparedFacts) => string,
): Trigger {
  return { test: (compared) => test(compared) ?? { matched: false, reason: whyNot(compared) }, whyNot };
}

function hit(match: string, reason: string): TriggerResult {
  return { matched: true, match: { '0': match }, reason };
}

const NO_TEXT = 'there is no message text';

function textTrigger(
  wanted: WantedText,
  test: (text: ComparedText) => boolean,
  [yes, no]: [string, string],
): Trigger {
  const found = hit(wanted.normal, `the text ${yes} "${wanted.normal}"`);
  const notFound = `the text ${no} "${wanted.normal}"`;
  return triggerOf(
    ({ text }) => (text !== null && test(text) ? found : null),
    ({ text }) => (text === null ? NO_TEXT : notFound),
  );
}

function patternTrigger(compiled: Pattern): Trigger {
  const pattern = new TimedPattern(compiled);
  return triggerOf(
    ({ text }) => {
      if (text === null) return null;
      const untried = pattern.whyNotRun(text);
      if (untried !== null) return { matched: false, reason: untried, untried: true };
      const match = pattern.match(text);
      return match && { matched: true, match, reason: 'the pattern matches' };
    },
    ({ text }) => (text === null ? NO_TEXT : 'the pattern does not match'),
  );
}

const anyTrigger: Trigger = triggerOf(
  ({ facts }) =>
    facts.kind === 'message' || facts.kind === 'postback'
      ? hit(normalizeText(facts.text ?? ''), 'every message and postback matches')
      : null,
  ({ facts }) => `it is a ${facts.kind}, neither a message nor a postback`,
);

function valueTrigger(wanted: WantedText, type: ValueTriggerType, kind: string, what: string): Trigger {
  const found = hit(wanted.normal, `it is a ${kind}, and its ${what} is "${wanted.normal}"`);
  const notFound = `it is a ${kind}, but its ${what} is not "${wanted.normal}"`;
  const otherKind = `it is not a ${kind}`;
  return triggerOf(
    (compared) => {
      const values = valuesOf(type, compared);
      if (values === null) return null;
      if (wanted.folded === '') return hit(values[0]?.normal ?? '', `it is a ${kind}`);
      return values.some((value) => value.folded === wanted.folded) ? found : null;
    },
    (compared) => (valuesOf(type, compared) === null ? otherKind : notFound),
  );
}

function commentTrigger(wanted: WantedText): Trigger {
  const found = hit(wanted.normal, `it is a comment that contains "${wanted.normal}"`);
  const notFound = `it is a comment that does not contain "${wanted.normal}"`;
  return triggerOf(
    ({ facts, comment }) => {
      if (facts.kind !== 'comment') return null;
      if (wanted.folded === '') return hit(comment?.normal ?? '', 'it is a comment');
      return comment !== null && containsPhrase(comment.folded, wanted.folded) ? found : null;
    },
    ({ facts }) => (facts.kind === 'comment' ? notFound : 'it is not a comment'),
  );
}

function storyTrigger(what: string, test: (compared: ComparedFacts) => boolean): Trigger {
  return triggerOf(
    (compared) => (test(compared) ? hit(normalizeText(compared.facts.text ?? ''), `it is ${what}`) : null),
    () => `it is not ${what}`,
  );
}
