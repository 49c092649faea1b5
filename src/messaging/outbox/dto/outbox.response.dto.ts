import type { LoggedSend } from '../outbox-log.repository.js';
import type { ShownStatus } from './list-outbox.query.dto.js';

export class OutboxItemResponse {
  /**
   * The message, to be read, or cancelled, by this id.
   * @example "0193591c-4a5e-7b6e-9d5a-3f8f1c2b7a10"
   */
  messageId!: string;

  /** @example "17841400000000001:1234567890" */
  conversationId!: string;

  /** `waiting` for its turn or its next try, `paused` with its account, `sending`, or `uncertain`: being looked up. */
  status!: 'waiting' | 'paused' | 'sending' | 'uncertain';

  /** Who wanted it sent: a rule, or a person or program. */
  source!: 'rule' | 'manual';

  /** How often Instagram has been called for it. */
  attempts!: number;

  queuedAt!: Date;

  /**
   * How long ago that was.
   * @example 12
   */
  ageSeconds!: number;

  /** When it was last taken in hand, for the latest of its `attempts` where there was one; null: not yet, or not since it has been waiting for a limit. */
  attemptedAt!: Date | null;

  /** When it is tried again, or looked up; null while it waits for its turn, or is on its way. */
  nextAttemptAt!: Date | null;

  /** After this it is not sent any more. */
  sendBefore!: Date | null;

  /** Why it waits or is uncertain, in plain words; null where nothing has happened yet. */
  error!: string | null;

  static from(send: LoggedSend, isStopped: boolean, now: Date): OutboxItemResponse {
    return Object.assign(new OutboxItemResponse(), {
      messageId: send.messageId,
      conversationId: send.conversationId,
      status: shownStatus(send, isStopped),
      source: send.source,
      attempts: send.attempts,
      queuedAt: send.createdAt,
      ageSeconds: secondsSince(send.createdAt, now),
      attemptedAt: send.attemptedAt,
      nextAttemptAt: send.status === 'sending' || send.attemptedAt === null ? null : send.nextAttemptAt,
      sendBefore: send.sendBefore,
      error: send.error,
    });
  }
}

export class OutboxSummaryResponse {
  /** Counted up to 10,000, like the others. */
  waiting!: number;

  paused!: number;

  sending!: number;

  uncertain!: number;

  /** Since when the oldest of them has been queued; null: there is none. */
  oldestQueuedAt!: Date | null;

  /** @example 12 */
  oldestAgeSeconds!: number;

  /**
   * Why nothing is sent for the account at the moment; null: nothing keeps it.
   * @example "Instagram no longer accepts the access token of the account."
   */
  stopped!: string | null;
}

export class OutboxPageResponse {
  items!: OutboxItemResponse[];

  /** Give it as `?cursor=` for the next page; null at the end. */
  nextCursor!: string | null;

  /** Of the whole account, whatever the page shows. */
  summary!: OutboxSummaryResponse;
}

function shownStatus({ status }: LoggedSend, isStopped: boolean): ShownStatus {
  return status === 'queued' ? (isStopped ? 'paused' : 'waiting') : status;
}

export function secondsSince(at: Date | null, now: Date): number {
  return at === null ? 0 : Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));
}
