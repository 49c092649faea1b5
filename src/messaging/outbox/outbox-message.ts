export type OutboxStatus = 'queued' | 'sending' | 'uncertain';
export type OutboxSource = 'rule' | 'manual';

/** A send that is not settled. `nextAttemptAt` is when something is to be done about it; what, depends on the status. */
export interface OutboxMessage {
  readonly id: number;
  readonly accountId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly source: OutboxSource;
  readonly status: OutboxStatus;
  /** Attempts made, the present one included. */
  readonly attempts: number;
  /** queued: when to send; sending: when it counts as lost; uncertain: when to look it up. */
  readonly nextAttemptAt: Date;
  /**
   * When the latest attempt was claimed; also what tells one attempt from another. Queued: the latest that counts, where
   * there was one. Null: none was, it was not called after all, or it is a private reply that waits for its hour's limit,
   * whatever was tried before.
   */
  readonly attemptedAt: Date | null;
  /** Look-ups since the latest attempt that did not find the message; queued: it is sent again for want of it, not because it was refused. */
  readonly lookups: number;
  readonly sendBefore: Date | null;
  /** When it was put into the outbox. */
  readonly createdAt: Date;
  readonly request: Readonly<Record<string, unknown>>;
  readonly error: string | null;
}

/** Claimed: an attempt is under way. */
export interface ClaimedMessage extends OutboxMessage {
  readonly attemptedAt: Date;
  /** What stood of an attempt before this one that counts: it may have arrived all the same. Absent: there was none, or it is not known here. */
  readonly earlier?: EarlierAttempt;
}

export type EarlierAttempt = Pick<ClaimedMessage, 'attemptedAt' | 'lookups'>;

export interface NewOutboxMessage {
  readonly accountId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly source: OutboxSource;
  /** The body of the call to Graph. */
  readonly request: object;
  /** After this it is not sent any more; null: no limit. */
  readonly sendBefore: Date | null;
  /** How long it waits first. Absent: not at all. */
  readonly delayMs?: number;
}

export interface WaitingGroup {
  readonly accountId: string;
  readonly status: OutboxStatus;
  readonly earliest: Date;
}

/** How an unsettled send goes on. */
export interface NextStep {
  readonly id: number;
  readonly accountId: string;
  readonly status: OutboxStatus;
  readonly attempts: number;
  readonly lookups: number;
  readonly nextAttemptAt: Date;
  /** Null: it stands as one that was never called. */
  readonly attemptedAt: Date | null;
  readonly error: string | null;
}
