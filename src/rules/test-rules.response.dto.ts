import { type ButtonRequest } from '../common/content/button.request.dto.js';
import { type MediaRequest } from '../common/content/media.request.dto.js';
import { type QuickReplyRequest } from '../common/content/quick-reply.request.dto.js';
import { setExtras } from './engine/response-extras.js';
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
  /**
   * The text; empty where the rule answers with its media alone.
   * @example "Hi jane.doe! We are open from 9 to 17."
   */
  reply!: string | null;
  /** What goes with the text, only where the rule says so. */
  quickReplies?: QuickReplyRequest[];
  buttons?: ButtonRequest[];
  media?: MediaRequest;
  /** @example 3 */
  typingSeconds?: number;
  /** The enabled rules in the order in which they were tried, up to the one that answers. */
  trace!: RuleTraceEntry[];

  static from(result: RuleTestResult): TestRulesResponse {
    return Object.assign(new TestRulesResponse(), {
      matched: result.matched,
      rule: result.rule ? RuleResponse.from(result.rule) : null,
      reply: result.reply,
      ...setExtras(result.extras),
      trace: result.trace.map((entry) => ({ ...entry })),
    });
  }
}
