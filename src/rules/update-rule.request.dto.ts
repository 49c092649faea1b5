import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';
import {
  MAX_COOLDOWN_SECONDS,
  MAX_PRIORITY,
  MAX_TEMPLATE_LENGTH,
  MAX_TRIGGER_LENGTH,
} from './create-rule.request.dto.js';
import { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
import type { RuleFields } from './rule.js';
import { TRIGGER_TABLE } from './trigger-docs.js';

/** What is left out stays as it is. */
export class UpdateRuleRequest {
  /**
   * What you call the rule.
   * @example "Opening hours"
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(255)
  @Matches(/^.{0,255}$/su, { message: 'name must have at most 255 characters' }) // as the database counts them
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

  @ApiPropertyOptional({
    enum: TRIGGER_TYPES,
    description: `What the rule answers.\n\n${TRIGGER_TABLE}`,
    example: 'postback',
  })
  @MayBeAbsent()
  @IsIn(TRIGGER_TYPES)
  triggerType?: TriggerType;

  /**
   * What is looked for; null for any, where the trigger can do without.
   * @example "GET_STARTED"
   */
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
