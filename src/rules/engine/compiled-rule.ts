import { whyNotOneMessage } from '../../common/content/one-message.js';
import { messageOf } from '../../common/errors.js';
import type { ComparedFacts } from './compared-facts.js';
import type { Facts } from './facts.js';
import type { PatternMatch } from './pattern.js';
import type { ResponseExtras } from './response-extras.js';
import { ReplyTemplate } from './template.js';
import { compileTrigger, unusableTrigger, type Trigger, type TriggerResult } from './trigger.js';
import type { TriggerType } from './trigger-types.js';
import { wantedBy } from './wanted-text.js';

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
  /** What is looked for, folded; empty where that is anything, or a pattern. Null: the rule cannot be used. */
  readonly wanted: string | null;
  private compiled: Trigger | undefined;
  private template: ReplyTemplate | undefined;

  constructor(readonly definition: RuleDefinition) {
    this.wanted = wantedIn(definition);
  }

  test(compared: ComparedFacts): TriggerResult {
    return this.trigger.test(compared);
  }

  /** The reason of a test that is known to fail. */
  whyNot(compared: ComparedFacts): string {
    return this.trigger.whyNot(compared);
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

  /** A message may be answered by several, a comment by one. */
  whyTooLong(reply: string): string | null {
    return whyTooLong(this.definition, reply);
  }

  private get trigger(): Trigger {
    return (this.compiled ??= triggerOf(this.definition));
  }
}

/** Of a reply, or of a template without variables. */
export function whyTooLong({ triggerType, buttons }: Pick<RuleDefinition, 'triggerType' | 'buttons'>, reply: string): string | null {
  if (triggerType !== 'comment') return null;
  const why = whyNotOneMessage(reply.trim(), buttons !== null);
  return why && `the reply is too long: ${why}, and Instagram takes one private reply to a comment`;
}

function wantedIn({ triggerType, triggerValue }: RuleDefinition): string | null {
  try {
    const { folded } = wantedBy(triggerType, triggerValue);
    return triggerType === 'regex' ? '' : folded;
  } catch {
    return null; // compiling it, when its turn comes, says what is wrong
  }
}

function triggerOf({ triggerType, triggerValue }: RuleDefinition): Trigger {
  try {
    return compileTrigger(triggerType, triggerValue);
  } catch (error) {
    return unusableTrigger(`the rule cannot be used: ${messageOf(error)}`);
  }
}
