import { Injectable } from '@nestjs/common';
import { Telemetry } from '../../common/telemetry.js';
import { sha256 } from '../../crypto/index.js';
import { Dialect, TransactionRunner } from '../../database/index.js';
import { Doorbell } from '../../queue/index.js';
import { groupBy } from '../group-by.js';
import { laneOf } from '../lanes.js';
import { fitsOneInsert, InboxEventRepository } from './inbox-event.repository.js';
import { isToBeApplied, type NewInboxEvent, type NewUnroutedEvent } from './inbox-event.js';

/** Puts events into the database, and rings for them. */
@Injectable()
export class EventStorer {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly events: InboxEventRepository,
    private readonly dialect: Dialect,
    private readonly doorbell: Doorbell,
    private readonly telemetry: Telemetry,
  ) {}

  /** Which of these are stored already, as `keyOf` has them. Takes no lock, and waits for none. */
  async findKnown(events: readonly NewInboxEvent[]): Promise<ReadonlySet<string>> {
    if (events.length === 0) return new Set();
    return await this.transactions.read((tx) => this.events.findKnown(tx, events));
  }

  /**
   * All of them, or none where it throws. What another writer brings at the same moment gets as far as the unique key,
   * and is stored once.
   * @param events with keys that differ from one another
   */
  async store(events: readonly NewInboxEvent[], unrouted: readonly NewUnroutedEvent[]): Promise<void> {
    if (events.length === 0 && unrouted.length === 0) return;
    // Whoever is told 200 has all of it stored, and whoever is not delivers it again: one commit for all saves time, no more.
    const oneStatement = unrouted.length === 0 && fitsOneInsert(events);
    await this.transactions[oneStatement ? 'write' : 'run'](async (tx) => {
      await this.events.insertMany(tx, events);
      await this.events.insertUnrouted(tx, unrouted);
      tx.afterCommit(() => {
        this.ring(events);
      });
    });
    for (const [kind, { length }] of groupBy(events, (event) => event.kind)) this.telemetry.eventsStored(kind, length, 0);
    for (const event of events) if (!isToBeApplied(event)) this.telemetry.eventSettled(event.kind, 'ignored', 0);
    if (unrouted.length > 0) this.telemetry.eventsStored('unrouted', unrouted.length, 0);
  }

  /** The same by account, so that one that is being deleted does not take the others' events with it. */
  async storeByAccount(events: readonly NewInboxEvent[], unrouted: readonly NewUnroutedEvent[]): Promise<void> {
    for (const ofAccount of groupBy(events, (event) => event.accountId).values()) await this.storeForAccount(ofAccount);
    await this.store([], unrouted);
  }

  /** Counts what was found to be stored already. */
  countRepeated(events: readonly NewInboxEvent[]): void {
    for (const [kind, { length }] of groupBy(events, (event) => event.kind)) this.telemetry.eventsStored(kind, 0, length);
  }

  private async storeForAccount(events: readonly NewInboxEvent[]): Promise<void> {
    try {
      await this.store(events, []);
    } catch (error) {
      if (!this.dialect.isMissingReference(error)) throw error;
      // The account went away between the routing and the writing.
      await this.store([], events.map(({ accountId, dedupeKey, ...event }) => ({
        ...event, dedupeKey: sha256('deleted', accountId, dedupeKey), reason: 'the account was being deleted',
      })));
    }
  }

  private ring(events: readonly NewInboxEvent[]): void {
    const lanes = new Set<number>();
    for (const event of events) {
      if (isToBeApplied(event)) lanes.add(laneOf(event.laneKey));
    }
    for (const lane of lanes) this.doorbell.ring('inbox', lane);
  }
}
