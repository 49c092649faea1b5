import type { ConversationRun } from './conversation-runs.js';
import type { ClaimedMessage } from './outbox-message.js';

export interface Departing {
  readonly message: ClaimedMessage;
  readonly standing: Standing;
}

/** Where a send stands that was put into the outbox claimed. */
export interface Standing {
  /** What this process had in hand of its conversation; null: nothing of it was unsettled. */
  readonly behind: ConversationRun | null;
  /** A place was booked for its call. None is for what waits behind another: it takes over the other's. */
  readonly hasPlace: boolean;
}

/**
 * The way out for sends that are put into the outbox claimed already: a place is booked before the transaction that
 * decides them commits, and used, or given back, when it has ended.
 */
export interface Departures {
  /** Resolves when this process is not behind with sending, or soon: what is decided then finds a place. */
  notCrowded(): Promise<void>;
  /** @returns for how many of up to `most` calls there is a place now; null where others of the account wait, or nobody sends here */
  book(accountId: string, most: number): number | null;
  /** How many of the account wait here behind others of their conversation: claimed, and certainly not called. */
  following(accountId: string): number;
  /**
   * What a send may stand behind that goes into the outbox after `lastId`, the last of its conversation there; null:
   * this process does not have it in hand. The caller has booked for the account, and holds the conversation.
   */
  behind(accountId: string, conversationId: string, lastId: number): ConversationRun | null;
  /** Whether this process has it in hand and certainly has not called it yet. By outbox id. */
  isUncalled(id: number): boolean;
  /** Gives back places for which nothing was committed. Not inside the transaction. */
  cancel(accountId: string, places: number): void;
  /** With as many places as were booked, or fewer with the rest cancelled. They are committed. Not inside the transaction. */
  depart(accountId: string, sends: readonly Departing[]): void;
}

export const DEPARTURES = Symbol('DEPARTURES');
