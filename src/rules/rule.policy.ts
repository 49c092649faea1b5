import { messageOf } from '../common/errors.js';
import { ReplyTemplate } from './engine/template.js';
import { compileTrigger } from './engine/trigger.js';
import { TRIGGER_VALUES } from './engine/trigger-types.js';
import type { RuleFields } from './rule.js';
import { InvalidRuleError } from './rules.errors.js';
import { TRIGGER_DOCS } from './trigger-docs.js';

export const RULE_DEFAULTS = { enabled: true, priority: 100, triggerValue: null, cooldownSeconds: 0 } as const;

/** The fields as they are stored; refuses a rule that could never work, when it is saved rather than when it is needed. */
export function checkedRule(fields: RuleFields): RuleFields {
  const use = TRIGGER_VALUES[fields.triggerType];
  const triggerValue = use === 'ignored' ? null : fields.triggerValue;
  const problems: string[] = [];
  if (fields.name.trim() === '') problems.push('name must not be empty');
  if (triggerValue === null && use === 'required') {
    problems.push(
      `triggerValue is required when triggerType is ${fields.triggerType}: ${TRIGGER_DOCS[fields.triggerType].value}`,
    );
  } else {
    const problem = failureOf(() => compileTrigger(fields.triggerType, triggerValue));
    if (problem !== null) problems.push(`triggerValue: ${problem}`);
  }
  if (fields.responseTemplate.trim() === '') problems.push('responseTemplate must not be empty');
  const problem = failureOf(() => ReplyTemplate.parse(fields.responseTemplate));
  if (problem !== null) problems.push(`responseTemplate: ${problem}`);
  if (problems.length > 0) throw new InvalidRuleError(problems);
  return { ...fields, name: fields.name.trim(), triggerValue };
}

function failureOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
