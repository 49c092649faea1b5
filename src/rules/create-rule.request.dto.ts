import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';
import { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
import { RULE_DEFAULTS } from './rule.policy.js';
import type { RuleFields } from './rule.js';
import { TRIGGER_TABLE } from './trigger-docs.js';

export const MAX_TRIGGER_LENGTH = 2000;
export const MAX_TEMPLATE_LENGTH = 10_000;
export const MAX_COOLDOWN_SECONDS = 31_536_000;
export const MAX_PRIORITY = 1_000_000;

export class CreateRuleRequest {
  /**
   * What you call the rule.
   * @example "Opening hours"
   */
  @IsString()
  @MaxLength(255)
  @Matches(/^.{0,255}$/su, { message: 'name must have at most 255 characters' }) // as the database counts them
  name!: string;

  /** A rule that is not enabled is never tried. Default true. */
  @MayBeAbsent()
  @IsBoolean()
  enabled?: boolean;

  /** Lower is tried first; ties by id. Default 100. */
  @MayBeAbsent()
  @IsInt()
  @Min(-MAX_PRIORITY)
  @Max(MAX_PRIORITY)
  priority?: number;

  @ApiProperty({
    enum: TRIGGER_TYPES,
    description: `What the rule answers.\n\n${TRIGGER_TABLE}`,
    example: 'contains',
  })
  @IsIn(TRIGGER_TYPES)
  triggerType!: TriggerType;

  /**
   * What is looked for, see `triggerType`; letter case does not matter. Required for `exact`, `contains`, `starts_with`
   * and `regex`. Left out for `postback`, `quick_reply`, `reaction`, `referral` or `comment`, any of them matches. Of no
   * meaning for the rest, where null is stored.
   * @example "opening hours"
   */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TRIGGER_LENGTH)
  triggerValue?: string | null;

  /**
   * The reply, a LiquidJS template with `username`, `name`, `text`, `match` and `account.username`.
   * @example "Hi {{ username }}! We are open from 9 to 17."
   */
  @IsString()
  @MaxLength(MAX_TEMPLATE_LENGTH)
  responseTemplate!: string;

  /** How long the rule stays silent in a conversation after it answered there. Default 0. */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_COOLDOWN_SECONDS)
  cooldownSeconds?: number;

  static toFields(request: CreateRuleRequest): RuleFields {
    return {
      name: request.name,
      enabled: request.enabled ?? RULE_DEFAULTS.enabled,
      priority: request.priority ?? RULE_DEFAULTS.priority,
      triggerType: request.triggerType,
      triggerValue: request.triggerValue ?? RULE_DEFAULTS.triggerValue,
      responseTemplate: request.responseTemplate,
      cooldownSeconds: request.cooldownSeconds ?? RULE_DEFAULTS.cooldownSeconds,
    };
  }
}
