import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import { MOST_UNSETTLED } from './delivery.policy.js';
import { DEPARTURES, type Departures } from './departures.js';
import { DueSendRepository } from './due-send.repository.js';
import type { NewOutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';

/** What may go as soon as it is committed: by message id. */
export type ClaimedAhead = ReadonlySet<string>;

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

  /**
   * Which of these may go at once: the first of conversations in which nothing is unsettled, for accounts that keep nothing
   * waiting. Their messages must be written as `sending`, and `insert` called, in the same transaction. The caller holds
   * the conversations.
   */
  async claim(tx: Tx, sends: readonly NewOutboxMessage[], sendsFreely: (accountId: string) => boolean): Promise<ClaimedAhead> {
    const candidates = firstOfEachConversation(sends).filter((send) => sendsFreely(send.accountId) && this.mayGo(send));
    const booked = this.book(tx, candidates);
    if (booked.size === 0) return new Set();
    const placed = [...booked.values()].flatMap(({ sends: withPlace }) => withPlace);
    const occupied = await this.due.listOccupied(tx, placed);
    const unsettled = await this.outbox.countUnsettled(tx, [...booked.keys()]);
    const claimed = new Set<string>();
    for (const [accountId, booking] of booked) {
      const most = MOST_UNSETTLED - (unsettled.get(accountId) ?? 0);
      const free = booking.sends.filter(({ conversationId }) => !occupied.has(conversationId)).slice(0, Math.max(0, most));
      for (const { messageId } of free) claimed.add(messageId);
      booking.used = free.length;
    }
    return claimed;
  }

  /** @param claimed what `claim` gave for them in this transaction */
  async insert(tx: Tx, sends: readonly NewOutboxMessage[], claimed: ClaimedAhead): Promise<void> {
    const ahead = await this.outbox.insertMany(tx, sends, claimed);
    for (const [accountId, messages] of groupBy(ahead, (message) => message.accountId)) {
      tx.afterCommit(() => {
        this.departures.depart(accountId, messages);
      });
    }
  }

  private mayGo({ delayMs, sendBefore }: NewOutboxMessage): boolean {
    return (delayMs ?? 0) === 0 && (sendBefore === null || sendBefore > this.clock.now());
  }

  /** A place for as many of each account as there are places. Those that are not used are given back when the transaction has ended. */
  private book(tx: Tx, candidates: readonly NewOutboxMessage[]): Map<string, Booking> {
    const booked = new Map<string, Booking>();
    for (const [accountId, sends] of groupBy(candidates, (send) => send.accountId)) {
      const places = this.departures.book(accountId, sends.length);
      if (places > 0) booked.set(accountId, { sends: sends.slice(0, places), places, used: 0 });
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

function firstOfEachConversation(sends: readonly NewOutboxMessage[]): NewOutboxMessage[] {
  const first = new Map<string, NewOutboxMessage>();
  for (const send of sends) if (!first.has(send.conversationId)) first.set(send.conversationId, send);
  return [...first.values()];
}
