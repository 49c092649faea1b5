import type { ClaimedMessage } from './outbox-message.js';

/**
 * The way out for sends that are put into the outbox claimed already: a place is booked before the transaction that
 * decides them commits, and used, or given back, when it has ended.
 */
export interface Departures {
  /** @returns for how many of up to `most` sends there is a place now; none where others of the account wait, or nobody sends here */
  book(accountId: string, most: number): number;
  /** Gives back places for which nothing was committed. Not inside the transaction. */
  cancel(accountId: string, places: number): void;
  /** As many as were booked, or fewer with the rest cancelled. They are committed. Not inside the transaction. */
  depart(accountId: string, messages: readonly ClaimedMessage[]): void;
}

export const DEPARTURES = Symbol('DEPARTURES');
