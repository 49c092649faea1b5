export type DeliveryResult = 'accepted' | 'bad_signature' | 'unknown_account' | 'not_json' | 'unavailable';
/**
 * Why a delivery was answered 503. `too_many_at_once`, `large_bodies`, `inbox_full`: for the memory or the time they would
 * take; `slow_storage`: the database commits so slowly that it would not have been stored in time; `too_late`: it was not; `account_locked`:
 * another session of the database keeps the account's row locked.
 */
export const REFUSALS = ['too_many_at_once', 'large_bodies', 'inbox_full', 'slow_storage', 'too_late', 'account_locked', 'credentials_unreadable', 'cannot_store', 'cannot_verify'] as const;
export type Refusal = (typeof REFUSALS)[number];
export type EventResult = 'processed' | 'ignored' | 'retry' | 'dead';
/** What a look at an account's token or subscription came to. */
export type CareTask = 'token' | 'subscription';
export type CareOutcome = 'fine' | 'changed' | 'failed';
/**
 * What one call for a send came to. `refused_conversation`, `refused_account`: failed, and so would the next one of the
 * conversation, or of the account; `paused`: it waits with its account; `held_back`: it was not called after all, for the
 * account's limits, or since it may not send.
 */
export const SEND_RESULTS = [
  'sent', 'failed', 'refused_conversation', 'refused_account', 'retry', 'paused', 'uncertain', 'dead_token', 'held_back',
] as const;
export type SendResult = (typeof SEND_RESULTS)[number];

/** How a message that was to be sent ended. `withdrawn`: an automatic one that was overtaken by a person or an opt-out; `unknown`: given up without having found out whether it was delivered. */
export const MESSAGE_ENDS = ['sent', 'failed', 'expired', 'cancelled', 'withdrawn', 'account_inactive', 'unknown'] as const;
export type MessageEnd = (typeof MESSAGE_ENDS)[number];

/**
 * Where the work reports what happened, without knowing who counts. Every duration is in seconds.
 * `kind` must be one of a small fixed set, never an id or anything a sender can choose: each value becomes a time
 * series. Implementations must not throw and must not wait: they are called on the hot path.
 */
export abstract class Telemetry {
  /** One webhook request was answered; `seconds` from when it had been read, or could have been, to the answer. */
  abstract deliveryReceived(result: DeliveryResult, seconds: number): void;

  /** A delivery was refused with 503 for now: counted beside `deliveryReceived('unavailable')`. */
  abstract deliveryRefused(reason: Refusal): void;

  /** `count` events of a kind were stored after one commit, `duplicates` more were already there. */
  abstract eventsStored(kind: string, count: number, duplicates: number): void;

  /** An event was applied, ignored, put off or given up; `latencySeconds` since it was received. */
  abstract eventSettled(kind: string, result: EventResult, latencySeconds: number): void;

  /** One attempt to send ended; `seconds` is the time the call to Graph took. */
  abstract sendSettled(result: SendResult, seconds: number): void;

  /** A message that was to be sent is settled, and that is committed. */
  abstract messageEnded(end: MessageEnd): void;

  /** An account's token or webhook subscription was looked at: all was well, it was renewed or set, or that failed. */
  abstract accountLookedAfter(task: CareTask, outcome: CareOutcome): void;
}

/** Counts nothing: for the command line and for tests. */
export class NoTelemetry extends Telemetry {
  override deliveryReceived(): void {
    // nobody listens
  }

  override deliveryRefused(): void {
    // nobody listens
  }

  override eventsStored(): void {
    // nobody listens
  }

  override eventSettled(): void {
    // nobody listens
  }

  override sendSettled(): void {
    // nobody listens
  }

  override messageEnded(): void {
    // nobody listens
  }

  override accountLookedAfter(): void {
    // nobody listens
  }
}
