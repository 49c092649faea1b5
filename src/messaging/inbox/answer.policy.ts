import type { ProcessingSettings } from '../../accounts/index.js';
import { automationAt, type ConversationRow } from '../../conversations/index.js';

/** Meta lets an account write for this long after the customer's last message. */
export const WINDOW_MS = 24 * 60 * 60_000;

export interface AnswerCase {
  readonly settings: ProcessingSettings;
  readonly conversation: ConversationRow;
  /** When the customer wrote. */
  readonly occurredAt: Date;
  readonly now: Date;
}

/** What forbids an automatic answer, in plain words; null when nothing does. Pure. */
export function whyNoAnswer({ settings, conversation, occurredAt, now }: AnswerCase): string | null {
  if (settings.status !== 'active') return 'the account is inactive';
  const automation = automationAt(conversation, now);
  if (automation.paused) {
    const until = automation.pausedUntil ? ` until ${automation.pausedUntil.toISOString()}` : '';
    return `automation is paused in this conversation${until}${automation.reason === null ? '' : ` (${automation.reason})`}`;
  }
  if (now.getTime() - occurredAt.getTime() > settings.replyMaxAgeMinutes * 60_000) {
    return `it is older than ${String(settings.replyMaxAgeMinutes)} minutes, the age up to which this account answers`;
  }
  if (conversation.windowClosesAt === null || conversation.windowClosesAt <= now) return 'the 24-hour window is closed';
  return null;
}

/** When it is too late to send an automatic answer that was queued in time. */
export function answerBefore({ settings, conversation, occurredAt }: AnswerCase): Date {
  const tooOld = occurredAt.getTime() + settings.replyMaxAgeMinutes * 60_000;
  return new Date(Math.min(tooOld, conversation.windowClosesAt?.getTime() ?? tooOld));
}
