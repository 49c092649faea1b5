import { Injectable, Logger } from '@nestjs/common';
import { LockedAccounts } from '../../accounts/index.js';
import { AppError, messageOf } from '../../common/errors.js';
import { OnceInAWhile } from '../../common/once-in-a-while.js';
import { Telemetry } from '../../common/telemetry.js';
import { sha256 } from '../../crypto/index.js';
import { Dialect, TransactionRunner } from '../../database/index.js';
import { Doorbell } from '../../queue/index.js';
import { laneOf } from '../lanes.js';
import { groupBy } from '../group-by.js';
import { fitsOneInsert, InboxEventRepository } from './inbox-event.repository.js';
import type { DeliveryRecords, NewInboxEvent } from './inbox-event.js';
import { StorePace } from './store-pace.js';

/** One commit takes at most about this much; a delivery is never split over two. */
const EVENTS_PER_GROUP = 2000;
const CHARACTERS_PER_GROUP = 8 * 1024 * 1024;
/** What may wait in memory. Beyond it Meta is told to come back, which it does: better than running out of memory. */
const EVENTS_WAITING = 50_000;
const CHARACTERS_WAITING = 64 * 1024 * 1024;
/** Meta gives up after five seconds: what would wait longer than this is better told to come back at once. */
const MOST_WAIT_MS = 2_500;
/** By now it has been answered with 503, and whoever comes again may be stored in its place. */
const FORGET_AFTER_MS = 4_000;
const COME_BACK_SECONDS = 2;

interface Waiting {
  readonly records: DeliveryRecords;
  readonly size: number;
  /** Of `performance.now()`. */
  readonly since: number;
  readonly stored: () => void;
  readonly refused: (error: Error) => void;
}

/**
 * Makes deliveries durable. Those that arrive together share one transaction (group commit): while one group is being
 * committed, the next collects. `store` resolves after the commit that holds the delivery, and only then.
 */
@Injectable()
export class InboxWriter {
  private readonly logger = new Logger('Inbox');
  private readonly complaint = new OnceInAWhile();
  private readonly pace = new StorePace();
  private readonly waiting: Waiting[] = [];
  private eventsWaiting = 0;
  private charactersWaiting = 0;
  private writing = false;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly events: InboxEventRepository,
    private readonly dialect: Dialect,
    private readonly doorbell: Doorbell,
    private readonly telemetry: Telemetry,
    private readonly locked: LockedAccounts,
  ) {}

  /** Throws an `unavailable` AppError when it could not be stored now; the caller may come again with the same. */
  async store(records: DeliveryRecords): Promise<void> {
    const count = countOf(records);
    if (count === 0) return;
    if (this.waiting.length > 0 && (this.eventsWaiting >= EVENTS_WAITING || this.charactersWaiting >= CHARACTERS_WAITING)) {
      throw cannotStore('inbox_full', 'Too much is waiting to be stored; deliver it again later');
    }
    if (this.namesLocked(records)) throw accountLocked();
    const since = performance.now();
    if (this.pace.expectedWaitMs(this.eventsWaiting, EVENTS_PER_GROUP, since) > MOST_WAIT_MS) {
      throw cannotStore('slow_storage', 'Storing takes too long at the moment; deliver it again later');
    }
    const size = [...records.events, ...records.unrouted].reduce((sum, event) => sum + event.payload.length, 0);
    await new Promise<void>((stored, refused) => {
      this.waiting.push({ records, size, since, stored, refused });
      this.eventsWaiting += count;
      this.charactersWaiting += size;
      if (this.writing) return;
      this.writing = true;
      // After all requests that this turn of the event loop has read: they go into one group.
      setImmediate(() => void this.writeAll());
    });
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      if (group.length > 0) await this.writeGroup(group);
    }
    this.writing = false;
  }

  private takeGroup(): Waiting[] {
    let events = 0;
    let characters = 0;
    let taken = 0;
    this.forgetLate();
    for (const item of this.waiting) {
      events += countOf(item.records);
      characters += item.size;
      if (taken > 0 && (events > EVENTS_PER_GROUP || characters > CHARACTERS_PER_GROUP)) break;
      taken++;
    }
    return this.take(taken);
  }

  /** Work that nobody waits for any more would make the next ones late too. */
  private forgetLate(): void {
    const bound = performance.now() - FORGET_AFTER_MS;
    const timely = this.waiting.findIndex((item) => item.since > bound);
    for (const item of this.take(timely === -1 ? this.waiting.length : timely)) item.refused(cannotStore('too_late', 'It could not be stored in time; deliver it again later'));
  }

  private take(count: number): Waiting[] {
    const taken = this.waiting.splice(0, count);
    for (const item of taken) {
      this.eventsWaiting -= countOf(item.records);
      this.charactersWaiting -= item.size;
    }
    return taken;
  }

  /** Never rejects: each delivery of the group is told by itself. */
  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    const ended = this.pace.begin(group.reduce((sum, item) => sum + countOf(item.records), 0), performance.now());
    const error = await this.tryToCommit(group.map((item) => item.records));
    const inVain = this.dialect.isLockWait(error);
    ended(performance.now(), !inVain);
    if (error === null) {
      for (const item of group) item.stored();
    } else if (inVain) {
      await this.writeUnlocked(group, error);
    } else if (this.dialect.isPassing(error)) {
      // The database's trouble, not that of one delivery: taking them one by one would only make it worse.
      this.refuseAll(group, error);
    } else {
      // One of them is odd: the others must not be refused for it.
      for (const item of group) await this.writeAlone(item);
    }
  }

  private refuseAll(group: readonly Waiting[], error: unknown): void {
    if (this.complaint.isDue()) this.logger.error(`The database takes nothing: ${messageOf(error)}`);
    for (const item of group) item.refused(unavailable(error));
  }

  private async tryToCommit(deliveries: readonly DeliveryRecords[]): Promise<unknown> {
    try {
      await this.commit(deliveries);
      return null;
    } catch (error) {
      return error;
    }
  }

  /** A row that names an account waits while somebody keeps the account's row locked: the others must not wait with it. */
  private async writeUnlocked(group: readonly Waiting[], error: unknown): Promise<void> {
    const accounts = group.flatMap(({ records }) => records.events.map((event) => event.accountId));
    const found = await this.locked.find(accounts).catch(() => new Set());
    if (found.size === 0) {
      this.refuseAll(group, error);
      return;
    }
    const free = group.filter((item) => !this.namesLocked(item.records));
    for (const item of group) if (!free.includes(item)) item.refused(accountLocked());
    if (free.length > 0) await this.writeGroup(free);
  }

  private namesLocked({ events }: DeliveryRecords): boolean {
    return events.some((event) => this.locked.has(event.accountId));
  }

  private async writeAlone(item: Waiting): Promise<void> {
    if (this.namesLocked(item.records)) {
      item.refused(accountLocked());
      return;
    }
    try {
      // By account, so that one that is being deleted does not take the others' events with it.
      for (const events of groupBy(item.records.events, (event) => event.accountId).values()) await this.commitForAccount(events);
      await this.commit([{ events: [], unrouted: item.records.unrouted }]);
      item.stored();
    } catch (error) {
      if (this.dialect.isLockWait(error)) {
        await this.writeUnlocked([item], error);
        return;
      }
      this.logger.error(`A delivery could not be stored: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
      item.refused(unavailable(error));
    }
  }

  private async commitForAccount(events: readonly NewInboxEvent[]): Promise<void> {
    try {
      await this.commit([{ events, unrouted: [] }]);
    } catch (error) {
      if (!this.dialect.isMissingReference(error)) throw error;
      // The account went away between the routing and the writing.
      const unrouted = events.map(({ accountId, dedupeKey, ...event }) => ({
        ...event, dedupeKey: sha256('deleted', accountId, dedupeKey), reason: 'the account was being deleted',
      }));
      await this.commit([{ events: [], unrouted }]);
    }
  }

  private async commit(deliveries: readonly DeliveryRecords[]): Promise<void> {
    const all = deliveries.flatMap((delivery) => delivery.events);
    const unrouted = deliveries.flatMap((delivery) => delivery.unrouted);
    if (all.length === 0 && unrouted.length === 0) return;
    const distinct = new Map<string, NewInboxEvent>();
    for (const event of all) if (!distinct.has(keyOf(event))) distinct.set(keyOf(event), event);
    let fresh: NewInboxEvent[] = [];
    // Whoever is told 200 has all of it stored, and whoever is not delivers it again: one commit for all saves time, no more.
    const oneStatement = unrouted.length === 0 && fitsOneInsert(distinct.values());
    await this.transactions[oneStatement ? 'write' : 'run'](async (tx) => {
      // Without a lock: only what two writers bring at the same moment gets as far as the unique key.
      const known = await this.events.findKnown(tx, [...distinct.values()]);
      fresh = [...distinct.values()].filter((event) => !known.has(keyOf(event)));
      await this.events.insertMany(tx, fresh);
      await this.events.insertUnrouted(tx, unrouted);
      tx.afterCommit(() => {
        this.ring(fresh);
      });
    });
    this.count(all, fresh, unrouted.length);
  }

  private ring(events: readonly NewInboxEvent[]): void {
    const lanes = new Set<number>();
    for (const event of events) {
      if (event.ignoredBecause === null && event.laneKey !== null) lanes.add(laneOf(event.laneKey));
    }
    for (const lane of lanes) this.doorbell.ring('inbox', lane);
  }

  private count(all: readonly NewInboxEvent[], fresh: readonly NewInboxEvent[], unrouted: number): void {
    const stored = groupBy(fresh, (event) => event.kind);
    for (const [kind, events] of groupBy(all, (event) => event.kind)) {
      const count = stored.get(kind)?.length ?? 0;
      this.telemetry.eventsStored(kind, count, events.length - count);
    }
    if (unrouted > 0) this.telemetry.eventsStored('unrouted', unrouted, 0);
  }
}

function countOf(records: DeliveryRecords): number {
  return records.events.length + records.unrouted.length;
}

function keyOf(event: NewInboxEvent): string {
  return `${event.accountId} ${event.dedupeKey}`;
}

function accountLocked(): AppError {
  return cannotStore('account_locked', 'The account is locked in the database at the moment; deliver it again later');
}

function unavailable(cause: unknown): AppError {
  return cannotStore('cannot_store', 'The delivery cannot be stored at the moment; deliver it again later', cause);
}

function cannotStore(code: string, message: string, cause?: unknown): AppError {
  return new AppError('unavailable', code, message, [], { cause }, COME_BACK_SECONDS);
}
