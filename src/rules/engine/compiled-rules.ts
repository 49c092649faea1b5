import { messageOf } from '../../common/errors.js';
import { CompiledRule, type RuleDefinition } from './compiled-rule.js';
import { compareFacts, type ComparedFacts } from './compared-facts.js';
import type { Facts } from './facts.js';
import { NO_EXTRAS, type ResponseExtras } from './response-extras.js';

export interface TraceEntry {
  readonly ruleId: number;
  readonly matched: boolean;
  readonly reason: string;
}

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
  /** The rules in the order in which they were tried, up to the one that answers. */
  readonly trace: readonly TraceEntry[];
}

export type CooldownCheck = (ruleId: number, cooldownSeconds: number) => boolean;

/** An account's enabled rules, ready to decide. Pure: neither clock nor database. */
export class CompiledRules {
  static readonly NONE = new CompiledRules([]);

  /** True when some rule has a cooldown, that is, when it is worth asking when rules fired. */
  readonly hasCooldowns: boolean;

  private constructor(private readonly rules: readonly CompiledRule[]) {
    this.hasCooldowns = rules.some((rule) => rule.definition.cooldownSeconds > 0);
  }

  /** `before`: the same account's rules as they were; what has not changed is not compiled again. */
  static compile(definitions: readonly RuleDefinition[], before: CompiledRules = CompiledRules.NONE): CompiledRules {
    const old = new Map(before.rules.map((rule) => [rule.definition.id, rule]));
    const rules = definitions.map((definition) => {
      const known = old.get(definition.id);
      return known?.isMadeFrom(definition) ? known : new CompiledRule(definition);
    });
    rules.sort((a, b) => a.definition.priority - b.definition.priority || a.definition.id - b.definition.id);
    return new CompiledRules(rules);
  }

  get size(): number {
    return this.rules.length;
  }

  /** The first rule, by priority and then id, that matches, is not cooling down and has something to say. */
  evaluate(facts: Facts, isCoolingDown: CooldownCheck, isPatienceOver: () => boolean = newPatience()): RuleDecision {
    const compared = compareFacts(facts);
    const trace: TraceEntry[] = [];
    for (const rule of this.rules) {
      const { id, cooldownSeconds } = rule.definition;
      if (isPatienceOver()) {
        trace.push({ ruleId: id, matched: false, reason: 'not tried, nor those after it: the rules before it took more than a second' });
        break;
      }
      const attempt = tryRule(rule, compared, isCoolingDown);
      trace.push({ ruleId: id, matched: attempt.matched, reason: attempt.reason });
      if (attempt.reply !== null)
        return {
          decision: 'matched',
          ruleId: id,
          reply: attempt.reply,
          extras: rule.definition,
          cooldownSeconds,
          trace,
        };
    }
    return { decision: 'none', ruleId: null, reply: null, extras: NO_EXTRAS, cooldownSeconds: 0, trace };
  }
}

/**
 * Patterns and templates are bounded each; an account may have any number of them, and everybody waits meanwhile. A thousand
 * rules as people write them take a few milliseconds.
 */
const PATIENCE_MS = 1000;

/**
 * Over when the rules have used that much of the processor: a pause of the machine, which passes on the wall's clock alone, must
 * leave no customer unanswered. The wall's clock is asked first since it costs next to nothing.
 */
function newPatience(): () => boolean {
  const began = performance.now();
  const used = process.cpuUsage();
  return () => performance.now() - began > PATIENCE_MS && process.cpuUsage(used).user / 1000 > PATIENCE_MS;
}

interface Attempt {
  readonly matched: boolean;
  readonly reason: string;
  readonly reply: string | null;
}

function tryRule(rule: CompiledRule, compared: ComparedFacts, isCoolingDown: CooldownCheck): Attempt {
  const { id, cooldownSeconds } = rule.definition;
  const result = rule.test(compared);
  if (!result.matched) return { matched: false, reason: result.reason, reply: null };
  const passedOver = (why: string): Attempt => ({
    matched: true,
    reason: `${result.reason}; passed over: ${why}`,
    reply: null,
  });
  if (cooldownSeconds > 0 && isCoolingDown(id, cooldownSeconds)) return passedOver('the rule is cooling down');
  try {
    const reply = rule.render(compared.facts, result.match);
    return reply === '' && !rule.isMediaAlone
      ? passedOver('the reply is empty')
      : { matched: true, reason: result.reason, reply };
  } catch (error) {
    return passedOver(`the reply could not be made: ${messageOf(error)}`);
  }
}

/** True while a rule that fired at `firedAt` must not fire again. */
export function isCoolingDown(firedAt: Date | undefined, cooldownSeconds: number, at: Date): boolean {
  return firedAt !== undefined && at.getTime() < firedAt.getTime() + cooldownSeconds * 1000;
}
