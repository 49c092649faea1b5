import { messageOf } from '../../common/errors.js';
import type { ComparedFacts } from './compared-facts.js';
import type { Facts } from './facts.js';
import type { PatternMatch } from './pattern.js';
import { setExtras, type ResponseExtras } from './response-extras.js';
import { ReplyTemplate } from './template.js';
import { compileTrigger, type Trigger, type TriggerResult } from './trigger.js';
import type { TriggerType } from './trigger-types.js';

/** What the engine needs to know of a rule. */
export interface RuleDefinition extends ResponseExtras {
  readonly id: number;
  readonly priority: number;
  readonly triggerType: TriggerType;
  readonly triggerValue: string | null;
  readonly responseTemplate: string;
  readonly cooldownSeconds: number;
}

/**
 * A rule made ready. Compiled at first use, since most messages are answered by one of the first rules. A stored rule
 * that does not compile (saved by an older version, or by hand) never matches, and says so in the trace.
 */
export class CompiledRule {
  private trigger: Trigger | undefined;
  private template: ReplyTemplate | undefined;

  constructor(readonly definition: RuleDefinition) {}

  test(compared: ComparedFacts): TriggerResult {
    this.trigger ??= triggerOf(this.definition);
    return this.trigger(compared);
  }

  /** It has no text of its own, and answers with its media alone. */
  get isMediaAlone(): boolean {
    return this.definition.media !== null && this.definition.responseTemplate.trim() === '';
  }

  /** @throws Error when the template fails. */
  render(facts: Facts, match: PatternMatch): string {
    this.template ??= ReplyTemplate.parse(this.definition.responseTemplate);
    return this.template.render(facts, match);
  }

  /** True when compiling again would give the same. */
  isMadeFrom(other: RuleDefinition): boolean {
    const mine = this.definition;
    return (
      mine.id === other.id &&
      mine.priority === other.priority &&
      mine.triggerType === other.triggerType &&
      mine.triggerValue === other.triggerValue &&
      mine.responseTemplate === other.responseTemplate &&
      mine.cooldownSeconds === other.cooldownSeconds &&
      JSON.stringify(setExtras(mine)) === JSON.stringify(setExtras(other))
    );
  }
}

function triggerOf({ triggerType, triggerValue }: RuleDefinition): Trigger {
  try {
    return compileTrigger(triggerType, triggerValue);
  } catch (error) {
    const reason = `the rule cannot be used: ${messageOf(error)}`;
    return () => ({ matched: false, reason });
  }
}
