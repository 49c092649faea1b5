import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import type { ConversationRun } from './conversation-runs.js';
import { MOST_UNSETTLED } from './delivery.policy.js';
import { DEPARTURES, type Departures } from './departures.js';
import { DueSendRepository } from './due-send.repository.js';
import type { NewOutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';

/** What goes as soon as it is committed, or as soon as those before it are settled; by message id, with what it stands behind. */
export type ClaimedAhead = ReadonlyMap<string, ConversationRun | null>;

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

  /** To be awaited before replies are decided, outside of any transaction: a fraction of a second at most, while this process is behind with sending. */
  async makeRoom(): Promise<void> {
    await this.departures.notCrowded();
  }

  /**
   * Which of these this process takes in hand at once: those of conversations in which nothing is unsettled, or only what
   * it has in hand already, for accounts that keep nothing waiting. Their messages must be written as `sending`, and
   * `insert` called, in the same transaction. The caller holds the conversations.
   */
  async claim(tx: Tx, sends: readonly NewOutboxMessage[], sendsFreely: (accountId: string) => boolean): Promise<ClaimedAhead> {
    const candidates = untilOneWaits(sends, (send) => sendsFreely(send.accountId) && this.mayGo(send));
    const booked = this.book(tx, candidates);
    if (booked.size === 0) return new Map();
    const placed = [...booked.values()].flatMap(({ sends: withPlace }) => withPlace);
    const occupied = await this.due.listOccupied(tx, placed);
    const unsettled = await this.outbox.countUnsettled(tx, [...booked.keys()]);
    const claimed = new Map<string, ConversationRun | null>();
    for (const [accountId, booking] of booked) {
      const most = MOST_UNSETTLED - (unsettled.get(accountId) ?? 0);
      const free = booking.sends.flatMap((send): Claimable[] => {
        const lastId = occupied.get(send.conversationId);
        if (lastId === undefined) return [{ send, behind: null }];
        const behind = this.departures.behind(accountId, send.conversationId, lastId);
        return behind ? [{ send, behind }] : [];
      });
      const used = free.slice(0, Math.max(0, most));
      for (const { send, behind } of used) claimed.set(send.messageId, behind);
      booking.used = used.length;
    }
    return claimed;
  }

  /** @param claimed what `claim` gave for them in this transaction */
  async insert(tx: Tx, sends: readonly NewOutboxMessage[], claimed: ClaimedAhead): Promise<void> {
    const ahead = await this.outbox.insertMany(tx, sends, claimed);
    for (const [accountId, messages] of groupBy(ahead, (message) => message.accountId)) {
      tx.afterCommit(() => {
        this.departures.depart(accountId, messages.map((message) => ({ message, behind: claimed.get(message.messageId) ?? null })));
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

/** @see ClaimedAhead */
interface Claimable {
  readonly send: NewOutboxMessage;
  readonly behind: ConversationRun | null;
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
