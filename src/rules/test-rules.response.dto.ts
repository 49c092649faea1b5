import { RuleResponse } from './rule.response.dto.js';
import type { RuleTestResult } from './test-rules.usecase.js';

export class RuleTraceEntry {
  /** @example 7 */
  ruleId!: number;
  /** @example true */
  matched!: boolean;
  /** @example "the text contains \"opening hours\"" */
  reason!: string;
}

export class TestRulesResponse {
  /** Whether a rule would answer. */
  matched!: boolean;
  /** The rule that would answer. */
  rule!: RuleResponse | null;
  /** @example "Hi jane.doe! We are open from 9 to 17." */
  reply!: string | null;
  /** The enabled rules in the order in which they were tried, up to the one that answers. */
  trace!: RuleTraceEntry[];

  static from(result: RuleTestResult): TestRulesResponse {
    return Object.assign(new TestRulesResponse(), {
      matched: result.matched,
      rule: result.rule ? RuleResponse.from(result.rule) : null,
      reply: result.reply,
      trace: result.trace.map((entry) => ({ ...entry })),
    });
  }
}
