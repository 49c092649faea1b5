import type { RuleDefinition } from './engine/compiled-rule.js';
import type { ResponseExtras } from './engine/response-extras.js';

/** A rule as the rest of the service sees it. */
export interface Rule extends RuleDefinition {
  readonly accountId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a caller may set. */
export type RuleFields = Pick<
  Rule,
  | 'name'
  | 'enabled'
  | 'priority'
  | 'triggerType'
  | 'triggerValue'
  | 'responseTemplate'
  | 'cooldownSeconds'
  | keyof ResponseExtras
>;
