import type { CompiledRules, Facts } from '../../../rules/index.js';
import type { Decision, RuleTrace } from '../inbox-event.js';
import { splitReply } from '../reply-splitter.js';

/** With thousands of rules nobody reads more, and every event would keep it. */
const RULES_SHOWN = 50;

/** What the rules say to an event. */
export interface Answer {
  readonly shown: Pick<Decision, 'rules' | 'rulesTried'>;
  /** The parts to be sent, in order; none: it is not answered. */
  readonly texts: readonly string[];
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
  const { ruleId, reply, cooldownSeconds, trace } = rules.evaluate(facts, isCoolingDown);
  if (ruleId === null) return silent('no rule answers it', trace);
  const texts = splitReply(reply ?? '');
  if (texts.length === 0) return silent('the reply is empty', trace);
  if (oneMessage && texts.length > 1) {
    return silent('the reply does not fit into one message of 1000 bytes, and a comment may be answered by one only', trace);
  }
  return { shown: shorten(trace), texts, ruleId, cooldownSeconds, stopped: null };
}

function silent(stopped: string, trace: readonly RuleTrace[] = []): Answer {
  return { shown: shorten(trace), texts: [], ruleId: null, cooldownSeconds: 0, stopped };
}

function shorten(trace: readonly RuleTrace[]): Answer['shown'] {
  const last = trace.at(-1);
  if (last === undefined || trace.length <= RULES_SHOWN) return { rules: trace };
  return { rules: [...trace.slice(0, RULES_SHOWN - 1), last], rulesTried: trace.length };
}
