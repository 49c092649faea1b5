import { CooldownEntity } from './cooldown.entity.js';
import { RuleEntity } from './rule.entity.js';
import { RuleSetEntity } from './rule-set.entity.js';

export { RulesModule } from './rules.module.js';
export { RulesService } from './rules.service.js';
export type { Rule, RuleFields } from './rule.js';
export { RuleRepository } from './rule.repository.js';
export { RuleSets } from './rule-sets.js';
export { CooldownRepository, type ConversationKey, type Firing } from './cooldown.repository.js';
export {
  CompiledRules,
  isCoolingDown,
  type CooldownCheck,
  type RuleDecision,
  type TraceEntry,
} from './engine/compiled-rules.js';
export type { RuleDefinition } from './engine/compiled-rule.js';
export type { Facts, FactsContext, FactsKind } from './engine/facts.js';
export { factsFromEvent, readFacts } from './engine/facts-from-event.js';
export { foldText } from './engine/fold-text.js';
export type { ResponseExtras } from './engine/response-extras.js';
export { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
export { RuleEntity };

/** Every table of this module. */
export const RULES_ENTITIES = [RuleEntity, RuleSetEntity, CooldownEntity] as const;
