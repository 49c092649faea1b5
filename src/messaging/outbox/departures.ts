import type { ConversationRun } from './conversation-runs.js';
import type { ClaimedMessage } from './outbox-message.js';

export interface Departing {
  readonly message: ClaimedMessage;
  /** What it was put into the outbox behind; null: nothing of its conversation was unsettled. */
  readonly behind: ConversationRun | null;
}

/**
 * The way out for sends that are put into the outbox claimed already: a place is booked before the transaction that
 * decides them commits, and used, or given back, when it has ended.
 */
export interface Departures {
  /** Resolves when this process is not behind with sending, or soon: what is decided then finds a place. */
  notCrowded(): Promise<void>;
  /** @returns for how many of up to `most` sends there is a place now; none where others of the account wait, or nobody sends here */
  book(accountId: string, most: number): number;
  /**
   * What a send may stand behind that goes into the outbox after `lastId`, the last of its conversation there; null:
   * this process does not have it in hand. The caller has booked a place, and holds the conversation.
   */
  behind(accountId: string, conversationId: string, lastId: number): ConversationRun | null;
  /** Gives back places for which nothing was committed. Not inside the transaction. */
  cancel(accountId: string, places: number): void;
  /** As many as were booked, or fewer with the rest cancelled. They are committed. Not inside the transaction. */
  depart(accountId: string, sends: readonly Departing[]): void;
}

export const DEPARTURES = Symbol('DEPARTURES');
