import { messageOf } from '../common/errors.js';
import { whyTooLong } from './engine/compiled-rule.js';
import { NO_EXTRAS } from './engine/response-extras.js';
import { ReplyTemplate } from './engine/template.js';
import { compileTrigger } from './engine/trigger.js';
import { TRIGGER_VALUES } from './engine/trigger-types.js';
import type { RuleFields } from './rule.js';
import { InvalidRuleError } from './rules.errors.js';
import { TRIGGER_DOCS } from './trigger-docs.js';

export const RULE_DEFAULTS = {
  enabled: true,
  priority: 100,
  triggerValue: null,
  cooldownSeconds: 0,
  ...NO_EXTRAS,
} as const;

/** `regex` rules of one account, enabled or not: each may have to be run on every message, while the rest are looked up. */
export const MAX_PATTERNS = 100;

const HAS_VARIABLES = /\{[{%]/;

/**
 * The fields as they are stored; refuses a rule that could never work, when it is saved rather than when it is needed.
 * @param given those that change: one that was stored by an older version can still be switched off, or renamed
 */
export function checkedRule(fields: RuleFields, given: Partial<RuleFields> = fields): RuleFields {
  const use = TRIGGER_VALUES[fields.triggerType];
  const triggerValue = use === 'ignored' ? null : fields.triggerValue;
  const problems: string[] = [];
  if (fields.name.trim() === '') problems.push('name must not be empty');
  if (triggerValue === null && use === 'required') {
    problems.push(
      `triggerValue is required when triggerType is ${fields.triggerType}: ${TRIGGER_DOCS[fields.triggerType].value}`,
    );
  } else if (isWanted(given, 'triggerType', 'triggerValue')) {
    const problem = failureOf(() => compileTrigger(fields.triggerType, triggerValue));
    if (problem !== null) problems.push(`triggerValue: ${problem}`);
  }
  problems.push(...responseProblems(fields, given));
  if (isWanted(given, 'responseTemplate')) {
    const problem = failureOf(() => ReplyTemplate.parse(fields.responseTemplate));
    if (problem !== null) problems.push(`responseTemplate: ${problem}`);
  }
  if (problems.length > 0) throw new InvalidRuleError(problems);
  return {
    ...fields,
    name: fields.name.trim(),
    triggerValue,
    typingSeconds: fields.typingSeconds === 0 ? null : fields.typingSeconds,
  };
}

/** Whether one of these is set, or the rule switched on: then it must work. */
function isWanted(given: Partial<RuleFields>, ...names: readonly (keyof RuleFields)[]): boolean {
  return given.enabled === true || names.some((name) => name in given);
}

function* responseProblems(fields: RuleFields, given: Partial<RuleFields>): Generator<string> {
  const { triggerType, responseTemplate, quickReplies, buttons, media, typingSeconds } = fields;
  const hasText = responseTemplate.trim() !== '';
  if (!hasText && media === null)
    yield 'responseTemplate must not be empty: only a rule with media can do without a text';
  if (!hasText && quickReplies !== null) yield 'quickReplies need a responseTemplate: they are shown under the text';
  if (!hasText && buttons !== null) yield 'buttons need a responseTemplate: they are shown under the text';
  if (quickReplies !== null && buttons !== null)
    yield 'quickReplies and buttons cannot go in one message: set one of them to null';
  if (triggerType !== 'comment') return;
  // What variables fill in is known when somebody writes.
  const isNew = 'triggerType' in given || 'responseTemplate' in given || 'buttons' in given;
  const tooLong = !isNew || HAS_VARIABLES.test(responseTemplate) ? null : whyTooLong({ triggerType, buttons }, responseTemplate);
  if (tooLong !== null) yield `responseTemplate: ${tooLong}`;
  if (media !== null) yield 'media cannot answer a comment: Instagram takes one private reply, and it holds the text';
  if ((typingSeconds ?? 0) > 0)
    yield 'typingSeconds cannot go before the answer to a comment: there is no conversation yet';
}

function failureOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
