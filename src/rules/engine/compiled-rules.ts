import { messageOf } from '../../common/errors.js';
import { CompiledRule, type RuleDefinition } from './compiled-rule.js';
import { compareFacts, type ComparedFacts } from './compared-facts.js';
import { DecisionTrace, type TraceEntry } from './decision-trace.js';
import type { Facts } from './facts.js';
import { LayeredIndex } from './layered-index.js';
import { NO_EXTRAS, type ResponseExtras } from './response-extras.js';
import { compareRules, type RuleList } from './rule-order.js';

export type { TraceEntry } from './decision-trace.js';

export interface RuleDecision {
  readonly decision: 'matched' | 'none';
  /** The rule that answers. */
  readonly ruleId: number | null;
  /** Its text; empty where the rule answers with its media alone. */
  readonly reply: string | null;
  /** What goes with the text. */
  readonly extras: ResponseExtras;
  /** Of that rule; 0: its firing need not be remembered. */
  readonly cooldownSeconds: number;
  /** How many rules were tried, up to the one that answers. */
  readonly tried: number;
  /** They, in their order, or as many as were asked for: those that matched and the first ones. */
  readonly trace: readonly TraceEntry[];
}

export type CooldownCheck = (ruleId: number, cooldownSeconds: number) => boolean;

export interface EvaluateOptions {
  /** The trace has no more entries than that. */
  readonly mostShown?: number;
  readonly isPatienceOver?: () => boolean;
}

/**
 * An account's enabled rules, ready to decide. No database, and no clock but to bound what rules take. What a decision costs
 * hardly depends on their number: an index names those that may match, and only they are tried.
 */
export class CompiledRules {
  static readonly NONE = new CompiledRules([]);

  /** True when some rule has a cooldown, that is, when it is worth asking when rules fired. */
  readonly hasCooldowns: boolean;

  private constructor(
    private readonly rules: RuleList,
    private readonly index = LayeredIndex.of(rules),
  ) {
    this.hasCooldowns = rules.some((rule) => rule.definition.cooldownSeconds > 0);
  }

  static compile(definitions: readonly RuleDefinition[]): CompiledRules {
    return new CompiledRules(definitions.map((definition) => new CompiledRule(definition)).sort(compareRules));
  }

  /** The same with some rules added or changed, and others gone. Costs little where there are few of both. */
  with(changed: readonly RuleDefinition[], goneIds: Iterable<number>): CompiledRules {
    const ids = new Set([...changed.map(({ id }) => id), ...goneIds]);
    const removed = new Set(this.rules.filter(({ definition }) => ids.has(definition.id)));
    const added = changed.map((definition) => new CompiledRule(definition));
    const rules = [...this.rules.filter((rule) => !removed.has(rule)), ...added].sort(compareRules);
    return new CompiledRules(rules, this.index.with(added, removed, rules));
  }

  get size(): number {
    return this.rules.length;
  }

  /** About how many characters of memory it takes. */
  get weight(): number {
    return this.rules.reduce((sum, { definition }) => sum + weightOf(definition), 0);
  }

  /** The trace of an event that no rule can answer, for one reason. */
  traceOf(reason: string): TraceEntry[] {
    return this.rules.map(({ definition }) => ({ ruleId: definition.id, matched: false, reason }));
  }

  /** The first rule, by priority and then id, that matches, is not cooling down and has something to say. */
  evaluate(
    facts: Facts,
    isCoolingDown: CooldownCheck,
    { mostShown = Infinity, isPatienceOver = newPatience() }: EvaluateOptions = {},
  ): RuleDecision {
    const compared = compareFacts(facts);
    const trace = new DecisionTrace(this.rules, compared);
    let tried = this.rules.length;
    for (const rule of this.index.candidates(compared)) {
      if (isPatienceOver()) {
        tried = trace.note(rule, false, 'not tried, nor those after it: the rules before it took more than a second');
        break;
      }
      const attempt = tryRule(rule, compared, isCoolingDown);
      if (attempt === null) continue;
      const place = trace.note(rule, attempt.matched, attempt.reason);
      if (attempt.reply === null) continue;
      const { id: ruleId, cooldownSeconds } = rule.definition;
      return {
        decision: 'matched',
        ruleId,
        reply: attempt.reply,
        extras: rule.definition,
        cooldownSeconds,
        tried: place,
        trace: trace.show(place, mostShown),
      };
    }
    return { ...NO_ANSWER, tried, trace: trace.show(tried, mostShown) };
  }
}

/** Beside the texts, a rule is an entry in an index, a trigger and a parsed template. */
function weightOf({ triggerValue, responseTemplate }: RuleDefinition): number {
  return 1000 + 2 * (triggerValue?.length ?? 0) + 2 * responseTemplate.length;
}

const NO_ANSWER = { decision: 'none', ruleId: null, reply: null, extras: NO_EXTRAS, cooldownSeconds: 0 } as const;

/** Patterns and templates are bounded each; an account may have many of them, and everybody waits meanwhile. */
const PATIENCE_MS = 1000;

/**
 * Over when the rules have used that much of the processor: a pause of the machine, which passes on the wall's clock alone, must
 * leave no customer unanswered. To ask for the processor's time costs as much as to decide, so it is counted only for an event
 * that has taken a while already.
 */
function newPatience(): () => boolean {
  let began: number | undefined;
  let used: NodeJS.CpuUsage | undefined;
  return () => {
    const wall = performance.now() - (began ??= performance.now());
    if (wall < PATIENCE_MS / 20) return false;
    used ??= process.cpuUsage();
    return wall > PATIENCE_MS && process.cpuUsage(used).user / 1000 > PATIENCE_MS * 0.95;
  };
}

interface Attempt {
  readonly matched: boolean;
  readonly reason: string;
  /** Null: it is passed over. */
  readonly reply: string | null;
}

/** Null: it does not match, and that is all there is to say. */
function tryRule(rule: CompiledRule, compared: ComparedFacts, isCoolingDown: CooldownCheck): Attempt | null {
  const { id, cooldownSeconds } = rule.definition;
  const result = rule.test(compared);
  if (!result.matched) return result.untried ? { matched: false, reason: result.reason, reply: null } : null;
  const passedOver = (why: string): Attempt => ({
    matched: true,
    reason: `${result.reason}; passed over: ${why}`,
    reply: null,
  });
  if (cooldownSeconds > 0 && isCoolingDown(id, cooldownSeconds)) return passedOver('the rule is cooling down');
  try {
    const reply = rule.render(compared.facts, result.match);
    if (reply === '' && !rule.isMediaAlone) return passedOver('the reply is empty');
    const tooLong = rule.whyTooLong(reply);
    return tooLong === null ? { matched: true, reason: result.reason, reply } : passedOver(tooLong);
  } catch (error) {
    return passedOver(`the reply could not be made: ${messageOf(error)}`);
  }
}

/** True while a rule that fired at `firedAt` must not fire again. */
export function isCoolingDown(firedAt: Date | undefined, cooldownSeconds: number, at: Date): boolean {
  return firedAt !== undefined && at.getTime() < firedAt.getTime() + cooldownSeconds * 1000;
}
