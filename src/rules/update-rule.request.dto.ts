import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { ButtonRequest } from '../common/content/button.request.dto.js';
import { CONTENT_LIMITS } from '../common/content/content.js';
import { MediaRequest } from '../common/content/media.request.dto.js';
import { QuickReplyRequest } from '../common/content/quick-reply.request.dto.js';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';
import { NestedList } from '../common/nested-list.decorator.js';
import { NestedObject } from '../common/nested-object.decorator.js';
import {
  MAX_COOLDOWN_SECONDS,
  MAX_PRIORITY,
  MAX_TEMPLATE_LENGTH,
  MAX_TRIGGER_LENGTH,
  MAX_TYPING_SECONDS,
  MIN_PRIORITY,
} from './create-rule.request.dto.js';
import { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
import { extrasOf } from './response-extras.request.js';
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
  @Min(MIN_PRIORITY)
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

  static toFields(request: UpdateRuleRequest): Partial<RuleFields> {
    const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
    return { ...given, ...extrasOf(request) };
  }
}
