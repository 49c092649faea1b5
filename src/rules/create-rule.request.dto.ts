import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { ButtonRequest } from '../common/content/button.request.dto.js';
import { CONTENT_LIMITS } from '../common/content/content.js';
import { MediaRequest } from '../common/content/media.request.dto.js';
import { QuickReplyRequest } from '../common/content/quick-reply.request.dto.js';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';
import { NestedList } from '../common/nested-list.decorator.js';
import { NestedObject } from '../common/nested-object.decorator.js';
import { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
import { NO_EXTRAS } from './engine/response-extras.js';
import { RULE_DEFAULTS } from './rule.policy.js';
import { extrasOf } from './response-extras.request.js';
import type { RuleFields } from './rule.js';
import { TRIGGER_TABLE } from './trigger-docs.js';

export const MAX_TRIGGER_LENGTH = 2000;
export const MAX_TEMPLATE_LENGTH = 10_000;
export const MAX_COOLDOWN_SECONDS = 31_536_000;
export const MAX_PRIORITY = 1_000_000;
/** By name: what writes the OpenAPI document leaves out a field whose decorator is given a minus sign. */
export const MIN_PRIORITY = -MAX_PRIORITY;
export const MAX_TYPING_SECONDS = 20;

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
  @Min(MIN_PRIORITY)
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

  /** Answers to choose from, shown under the text until the customer writes. At most 13; null: none. */
  @IsOptional()
  @NestedList(() => QuickReplyRequest, CONTENT_LIMITS.quickReplies)
  quickReplies?: QuickReplyRequest[] | null;

  /** Buttons under the text, or under its last 640 characters. At most 3; null: none. */
  @IsOptional()
  @NestedList(() => ButtonRequest, CONTENT_LIMITS.buttons)
  buttons?: ButtonRequest[] | null;

  /** An image, audio, video or file, sent before the text; with an empty `responseTemplate` alone. Null: none. */
  @IsOptional()
  @NestedObject(() => MediaRequest)
  media?: MediaRequest | null;

  /**
   * How long the customer sees that an answer is being typed, before it is sent. 0 or null: not at all.
   * @example 3
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_TYPING_SECONDS)
  typingSeconds?: number | null;

  static toFields(request: CreateRuleRequest): RuleFields {
    return {
      name: request.name,
      enabled: request.enabled ?? RULE_DEFAULTS.enabled,
      priority: request.priority ?? RULE_DEFAULTS.priority,
      triggerType: request.triggerType,
      triggerValue: request.triggerValue ?? RULE_DEFAULTS.triggerValue,
      responseTemplate: request.responseTemplate,
      cooldownSeconds: request.cooldownSeconds ?? RULE_DEFAULTS.cooldownSeconds,
      ...NO_EXTRAS,
      ...extrasOf(request),
    };
  }
}
