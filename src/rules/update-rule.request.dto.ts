import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import {
  MAX_COOLDOWN_SECONDS,
  MAX_PRIORITY,
  MAX_TEMPLATE_LENGTH,
  MAX_TRIGGER_LENGTH,
  MayBeAbsent,
} from './create-rule.request.dto.js';
import { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
import type { RuleFields } from './rule.js';

/** What is left out stays as it is. */
export class UpdateRuleRequest {
  /**
   * What you call the rule.
   * @example "Opening hours"
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(255)
  name?: string;

  /**
   * A rule that is not enabled is never tried.
   * @example false
   */
  @MayBeAbsent()
  @IsBoolean()
  enabled?: boolean;

  /**
   * Lower is tried first; ties by id.
   * @example 10
   */
  @MayBeAbsent()
  @IsInt()
  @Min(-MAX_PRIORITY)
  @Max(MAX_PRIORITY)
  priority?: number;

  /** How a message is compared. */
  @MayBeAbsent()
  @IsIn(TRIGGER_TYPES)
  triggerType?: TriggerType;

  /** What is looked for; required but for `any`. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TRIGGER_LENGTH)
  triggerValue?: string | null;

  /** The reply, a LiquidJS template. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_TEMPLATE_LENGTH)
  responseTemplate?: string;

  /** How long the rule stays silent in a conversation after it answered there. */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_COOLDOWN_SECONDS)
  cooldownSeconds?: number;

  static toFields(request: UpdateRuleRequest): Partial<RuleFields> {
    return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  }
}
