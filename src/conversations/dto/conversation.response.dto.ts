import { automationAt, type ConversationRow } from '../conversation.js';

export class AutomationResponse {
  /** True: rules do not answer here. */
  paused!: boolean;

  /** When it resumes by itself; null: when somebody resumes it. */
  pausedUntil!: Date | null;

  /**
   * `operator`: somebody paused it here. `takeover`: a person answered elsewhere, for instance in the app. `opted_out`: the
   * customer wants no automatic answers. Else Instagram has refused a message there for good: why, in plain words.
   * @example "operator"
   */
  reason!: string | null;
}

export class ConversationResponse {
  /** @example "17841400000000001:1234567890" */
  id!: string;

  /** @example "17841400000000001" */
  accountId!: string;

  /**
   * The customer's Instagram-scoped id.
   * @example "1234567890"
   */
  participantId!: string;

  /**
   * Null until Instagram has told it.
   * @example "jane.doe"
   */
  participantUsername!: string | null;

  /** In either direction. */
  lastMessageAt!: Date | null;

  /** When the customer last wrote. */
  lastInboundAt!: Date | null;

  /** Until when Meta lets the account write; null: it may not. */
  windowClosesAt!: Date | null;

  /** Over both directions. */
  messageCount!: number;

  automation!: AutomationResponse;

  static from(row: ConversationRow, now: Date): ConversationResponse {
    return Object.assign(new ConversationResponse(), {
      id: row.id,
      accountId: row.accountId,
      participantId: row.participantId,
      participantUsername: row.participantUsername,
      lastMessageAt: row.lastMessageAt,
      lastInboundAt: row.lastInboundAt,
      windowClosesAt: row.windowClosesAt,
      messageCount: row.messageCount,
      automation: { ...automationAt(row, now) },
    });
  }
}
