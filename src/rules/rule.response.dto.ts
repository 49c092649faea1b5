import { ApiProperty } from '@nestjs/swagger';
import { type ButtonRequest } from '../common/content/button.request.dto.js';
import { type MediaRequest } from '../common/content/media.request.dto.js';
import { type QuickReplyRequest } from '../common/content/quick-reply.request.dto.js';
import type { Page } from '../common/pagination.js';
import { TRIGGER_TYPES, type TriggerType } from './engine/trigger-types.js';
import { setExtras } from './engine/response-extras.js';
import type { Rule } from './rule.js';

export class RuleResponse {
  /** @example 7 */
  id!: number;
  /** @example "17841400000000001" */
  accountId!: string;
  /** @example "Opening hours" */
  name!: string;
  /** @example true */
  enabled!: boolean;
  /** @example 100 */
  priority!: number;
  @ApiProperty({ enum: TRIGGER_TYPES, example: 'contains' })
  triggerType!: TriggerType;
  /**
   * Null: any, or of no meaning for this `triggerType`.
   * @example "opening hours"
   */
  triggerValue!: string | null;
  /** @example "Hi {{ username }}! We are open from 9 to 17." */
  responseTemplate!: string;
  /** @example 0 */
  cooldownSeconds!: number;
  /** @example "2026-01-15T09:30:00.000Z" */
  createdAt!: string;
  /** @example "2026-01-15T09:30:00.000Z" */
  updatedAt!: string;

  /** Only where it answers with some. */
  quickReplies?: QuickReplyRequest[];
  /** Only where it answers with some. */
  buttons?: ButtonRequest[];
  /** Only where it answers with some. */
  media?: MediaRequest;
  /**
   * Only where it is set.
   * @example 3
   */
  typingSeconds?: number;

  static from(rule: Rule): RuleResponse {
    return Object.assign(new RuleResponse(), {
      id: rule.id,
      accountId: rule.accountId,
      name: rule.name,
      enabled: rule.enabled,
      priority: rule.priority,
      triggerType: rule.triggerType,
      triggerValue: rule.triggerValue,
      responseTemplate: rule.responseTemplate,
      cooldownSeconds: rule.cooldownSeconds,
      ...setExtras(rule),
      createdAt: rule.createdAt.toISOString(),
      updatedAt: rule.updatedAt.toISOString(),
    });
  }
}

export class RulePageResponse {
  items!: RuleResponse[];
  /** The `cursor` of the next page; null at the end. */
  nextCursor!: string | null;

  static from(page: Page<Rule>): RulePageResponse {
    return Object.assign(new RulePageResponse(), {
      items: page.items.map((rule) => RuleResponse.from(rule)),
      nextCursor: page.nextCursor,
    });
  }
}
