import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { readFileSync } from 'node:fs';
import { CreateRuleRequest } from './create-rule.request.dto.js';
import { CompiledRules } from './engine/compiled-rules.js';
import { factsOf, type FactsContext } from './engine/facts.js';
import { readFacts } from './engine/facts-from-event.js';
import { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
import { RULE_CHANGE_EXAMPLES, RULE_EXAMPLES, RULE_TEST_EXAMPLES } from './rule.examples.js';
import { checkedRule } from './rule.policy.js';
import { TestRulesRequest } from './test-rules.request.dto.js';
import { TRIGGER_ROWS } from './trigger-docs.js';
import { UpdateRuleRequest } from './update-rule.request.dto.js';

const who: FactsContext = {
  username: 'jane.doe',
  name: null,
  account: { id: '17841400000000001', username: 'example.shop' },
};
const strict = { whitelist: true, forbidNonWhitelisted: true };
const saved = (type: TriggerType) => {
  const request = plainToInstance(CreateRuleRequest, RULE_EXAMPLES[type].value);
  expect(validateSync(request, strict)).toEqual([]);
  return { id: 1, ...checkedRule(CreateRuleRequest.toFields(request)) };
};

describe('what the documentation shows', () => {
  it.each(TRIGGER_TYPES)('can be saved: %s', (type) => {
    expect(saved(type).triggerType).toBe(type);
  });

  it.each(Object.keys(RULE_CHANGE_EXAMPLES))('can be made of any rule with a text: %s', (name) => {
    const request = plainToInstance(UpdateRuleRequest, RULE_CHANGE_EXAMPLES[name]?.value);
    expect(validateSync(request, strict)).toEqual([]);
    const given = UpdateRuleRequest.toFields(request);
    for (const type of TRIGGER_TYPES) expect(() => checkedRule({ ...saved(type), ...given }, given)).not.toThrow();
  });

  const answeredBy: Record<string, TriggerType> = { text: 'contains', message: 'starts_with', delivery: 'exact' };

  it.each(Object.keys(RULE_TEST_EXAMPLES))('can be tried: %s', (name) => {
    const request = plainToInstance(TestRulesRequest, RULE_TEST_EXAMPLES[name]?.value);
    expect(validateSync(request, strict)).toEqual([]);
    const facts = request.text === undefined ? readFacts(request.event, who) : factsOf(who, 'message', request.text);
    if (typeof facts === 'string') throw new Error(facts);
    const rules = CompiledRules.compile([saved(answeredBy[name] ?? (name as TriggerType))]);
    expect(rules.evaluate(facts, () => false).reply).toEqual(expect.any(String));
  });

  it('is the same table in docs/api.md', () => {
    const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
    expect(page).toContain(['', ...TRIGGER_ROWS, '', ''].join('\n'));
  });
});
