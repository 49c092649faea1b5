import type { CompiledRules, Facts } from '../../../rules/index.js';
import type { Decision } from '../inbox-event.js';
import type { OutgoingContent } from '../../outbox/content/outgoing-content.js';
import { planReply } from '../reply-plan.js';

/** With thousands of rules nobody reads more, and every event would keep it. `rules/test` shows them all. */
const RULES_SHOWN = 20;

/** What the rules say to an event. */
export interface Answer {
  readonly shown: Pick<Decision, 'rules' | 'rulesTried'>;
  /** What is to be sent, in order; nothing: it is not answered. */
  readonly contents: readonly OutgoingContent[];
  /** How long typing is shown before the rest is sent. */
  readonly typingSeconds: number;
  readonly ruleId: number | null;
  /** Of that rule; 0: it need not be remembered that it answered. */
  readonly cooldownSeconds: number;
  /** Why it is not answered; null when it is. */
  readonly stopped: string | null;
}

export interface Asked {
  readonly rules: CompiledRules | undefined;
  readonly isCoolingDown: (ruleId: number, seconds: number) => boolean;
  /** A comment may be answered by one message only. */
  readonly oneMessage: boolean;
}

/** Pure. `facts`: or why nothing can answer the event. */
export function answerOf(facts: Facts | string, { rules, isCoolingDown, oneMessage }: Asked): Answer {
  if (!rules || rules.size === 0) return silent('the account has no enabled rule');
  if (typeof facts === 'string') return silent(facts);
  const decision = rules.evaluate(facts, isCoolingDown, { mostShown: RULES_SHOWN });
  const { ruleId, reply, extras, cooldownSeconds, tried, trace } = decision;
  const shown = { rules: trace, ...(tried > trace.length ? { rulesTried: tried } : {}) };
  if (ruleId === null) return silent('no rule answers it', shown);
  const plan = planReply(reply ?? '', extras, oneMessage);
  if ('cannot' in plan) return silent(plan.cannot, shown);
  return {
    shown, contents: plan.contents, typingSeconds: extras.typingSeconds ?? 0, ruleId, cooldownSeconds, stopped: null,
  };
}

export function silent(stopped: string, shown: Answer['shown'] = { rules: [] }): Answer {
  return { shown, contents: [], typingSeconds: 0, ruleId: null, cooldownSeconds: 0, stopped };
}
