import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import { MOST_UNSETTLED } from './delivery.policy.js';
import { DEPARTURES, type Departures, type Standing } from './departures.js';
import { DueSendRepository } from './due-send.repository.js';
import type { NewOutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';

/** What goes as soon as it is committed, or as soon as those before it are settled; by message id. */
export type ClaimedAhead = ReadonlyMap<string, Standing>;

/**
 * Puts replies into the outbox. Most could be claimed the moment they are committed: those are put there claimed, with a
 * place booked for their call, which saves a transaction, and two writes for each. All others are queued.
 */
@Injectable()
export class NewSends {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly due: DueSendRepository,
    @Inject(DEPARTURES) private readonly departures: Departures,
    private readonly clock: Clock,
  ) {}

  /** To be awaited before replies are decided, outside of any transaction: a second at most, while this process is behind with sending. */
  async makeRoom(): Promise<void> {
    await this.departures.notCrowded();
  }

  /**
   * Which of these this process takes in hand at once: those of conversations in which nothing is unsettled, or only what
   * it has in hand already, for accounts that keep nothing waiting. Their messages must be written as `sending`, and
   * `insert` called, in the same transaction. The caller holds the conversations.
   * @param isFree whether nothing about its account or its conversation has to be asked again before it is called
   */
  async claim(tx: Tx, sends: readonly NewOutboxMessage[], isFree: (send: NewOutboxMessage) => boolean): Promise<ClaimedAhead> {
    const candidates = untilOneWaits(sends, (send) => isFree(send) && this.mayGo(send));
    const booked = this.book(tx, candidates);
    if (booked.size === 0) return new Map();
    const occupied = await this.due.listOccupied(tx, [...booked.values()].flatMap((booking) => booking.sends));
    const unsettled = await this.outbox.countUnsettled(tx, [...booked.keys()]);
    const claimed = new Map<string, Standing>();
    for (const [accountId, booking] of booked) this.choose(accountId, booking, occupied, unsettled.get(accountId) ?? 0, claimed);
    return claimed;
  }

  /** Of each conversation from its first on, as far as there is room: for those that may be called, and for those that wait behind them. */
  private choose(accountId: string, booking: Booking, occupied: ReadonlyMap<string, number>, unsettled: number, claimed: Map<string, Standing>): void {
    const following = this.departures.following(accountId);
    // What waits behind another has not been called, and cannot become uncertain.
    const room = { first: Math.min(booking.places, MOST_UNSETTLED + following - unsettled), behind: MOST_UNSETTLED - following };
    const begun = new Set<string>();
    const shut = new Set<string>();
    for (const { conversationId, messageId } of booking.sends) {
      const lastId = occupied.get(conversationId);
      const behind = lastId === undefined ? null : this.departures.behind(accountId, conversationId, lastId);
      const hasPlace = lastId === undefined && !begun.has(conversationId);
      if (shut.has(conversationId) || (lastId !== undefined && !behind) || room[hasPlace ? 'first' : 'behind'] <= 0) {
        shut.add(conversationId);
        continue;
      }
      begun.add(conversationId);
      room[hasPlace ? 'first' : 'behind']--;
      claimed.set(messageId, { behind, hasPlace });
      if (hasPlace) booking.used++;
    }
  }

  /** @param claimed what `claim` gave for them in this transaction */
  async insert(tx: Tx, sends: readonly NewOutboxMessage[], claimed: ClaimedAhead): Promise<void> {
    const ahead = await this.outbox.insertMany(tx, sends, claimed);
    for (const [accountId, messages] of groupBy(ahead, (message) => message.accountId)) {
      tx.afterCommit(() => {
        this.departures.depart(accountId, messages.flatMap((message) => {
          const standing = claimed.get(message.messageId);
          return standing ? [{ message, standing }] : [];
        }));
      });
    }
  }

  private mayGo({ delayMs, sendBefore }: NewOutboxMessage): boolean {
    return (delayMs ?? 0) === 0 && (sendBefore === null || sendBefore > this.clock.now());
  }

  /** A place for as many conversations of each account as there are places. Those that are not used are given back when the transaction has ended. */
  private book(tx: Tx, candidates: readonly NewOutboxMessage[]): Map<string, Booking> {
    const booked = new Map<string, Booking>();
    for (const [accountId, sends] of groupBy(candidates, (send) => send.accountId)) {
      const places = this.departures.book(accountId, new Set(sends.map((send) => send.conversationId)).size);
      if (places !== null) booked.set(accountId, { sends, places, used: 0 });
    }
    tx.afterCommit(() => {
      for (const [accountId, { places, used }] of booked) if (used < places) this.departures.cancel(accountId, places - used);
    });
    tx.afterRollback(() => {
      for (const [accountId, { places }] of booked) this.departures.cancel(accountId, places);
    });
    return booked;
  }
}

interface Booking {
  readonly sends: readonly NewOutboxMessage[];
  readonly places: number;
  used: number;
}

/** Of each conversation those before the first that may not go: none overtakes another. */
function untilOneWaits(sends: readonly NewOutboxMessage[], mayGo: (send: NewOutboxMessage) => boolean): NewOutboxMessage[] {
  const held = new Set<string>();
  return sends.filter((send) => {
    if (!mayGo(send)) held.add(send.conversationId);
    return !held.has(send.conversationId);
  });
}
