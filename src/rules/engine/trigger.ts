import type { Facts } from './facts.js';
import { containsPhrase } from './find-phrase.js';
import { foldText, normalizeText } from './fold-text.js';
import { Pattern, type PatternMatch } from './pattern.js';

export const TRIGGER_TYPES = ['exact', 'contains', 'starts_with', 'regex', 'any'] as const;
export type TriggerType = (typeof TRIGGER_TYPES)[number];

/** Trigger types that mean nothing without a value. */
export const TRIGGERS_WITH_VALUE: ReadonlySet<TriggerType> = new Set(['exact', 'contains', 'starts_with', 'regex']);

/** A message as the triggers see it: worked out once, however many rules look at it. */
export interface ComparedFacts {
  readonly facts: Facts;
  /** Null for what has no text to compare: postbacks, attachments. */
  readonly text: { readonly normal: string; readonly folded: string } | null;
}

export type TriggerResult =
  | { readonly matched: true; readonly match: PatternMatch; readonly reason: string }
  | { readonly matched: false; readonly reason: string };

export type Trigger = (compared: ComparedFacts) => TriggerResult;

export function compareFacts(facts: Facts): ComparedFacts {
  const normal = facts.kind === 'message' ? normalizeText(facts.text ?? '') : '';
  return { facts, text: normal === '' ? null : { normal, folded: foldText(normal) } };
}

/** @throws Error that says what is wrong with the value. */
export function compileTrigger(type: TriggerType, value: string | null): Trigger {
  const given = value ?? '';
  const wanted = foldText(given);
  if (TRIGGERS_WITH_VALUE.has(type) && wanted === '') throw new Error('must not be empty');
  switch (type) {
    case 'exact':
      return textTrigger(given, (text) => text.folded === wanted, 'the text equals', 'the text does not equal');
    case 'contains':
      return textTrigger(
        given,
        (text) => containsPhrase(text.folded, wanted),
        'the text contains',
        'the text does not contain',
      );
    case 'starts_with':
      return textTrigger(
        given,
        (text) => text.folded.startsWith(wanted),
        'the text starts with',
        'the text does not start with',
      );
    case 'regex':
      return patternTrigger(Pattern.compile(given));
    case 'any':
      return ({ facts }) => ({
        matched: true,
        match: { '0': normalizeText(facts.text ?? '') },
        reason: 'every message and postback matches',
      });
  }
}

type ComparedText = NonNullable<ComparedFacts['text']>;

const NO_TEXT: TriggerResult = { matched: false, reason: 'there is no message text' };

function textTrigger(value: string, test: (text: ComparedText) => boolean, yes: string, no: string): Trigger {
  const shown = `"${normalizeText(value)}"`;
  const hit: TriggerResult = { matched: true, match: { '0': normalizeText(value) }, reason: `${yes} ${shown}` };
  const miss: TriggerResult = { matched: false, reason: `${no} ${shown}` };
  return ({ text }) => (text === null ? NO_TEXT : test(text) ? hit : miss);
}

function patternTrigger(pattern: Pattern): Trigger {
  return ({ text }) => {
    if (text === null) return NO_TEXT;
    const match = pattern.match(text.normal);
    return match
      ? { matched: true, match, reason: 'the pattern matches' }
      : { matched: false, reason: 'the pattern does not match' };
  };
}
