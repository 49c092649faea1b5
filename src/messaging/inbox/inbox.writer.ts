import { Injectable, Logger } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { LockedAccounts } from '../../accounts/index.js';
import { AppError, messageOf } from '../../common/errors.js';
import { OnceInAWhile } from '../../common/once-in-a-while.js';
import { Dialect } from '../../database/index.js';
import { countOf, DeliveryLine, type Bounds, type WaitingDelivery } from './delivery-line.js';
import { EventStorer } from './event-storer.js';
import { keyOf, type DeliveryRecords, type NewInboxEvent } from './inbox-event.js';
import { StorePace } from './store-pace.js';

/** One commit takes at most about this much; a delivery is never split over two. */
const PER_GROUP = { events: 2000, characters: 8 * 1024 * 1024 };
/** What may wait in memory. Beyond it Meta is told to come back, which it does: better than running out of memory. */
const EVENTS_WAITING = 50_000;
const CHARACTERS_WAITING = 64 * 1024 * 1024;
/** Meta gives up after five seconds: what would wait longer than this is better told to come back at once. */
const MOST_WAIT_MS = 2_500;
/** So also what would take longer than this in all, with what it has waited for before it was read. */
const MOST_IN_ALL_MS = 3_500;
/** By now it has been answered with 503, and whoever comes again may be stored in its place. */
const FORGET_AFTER_MS = 4_000;
const COME_BACK_SECONDS = 2;

/**
 * Makes deliveries durable. Those that arrive together share one transaction (group commit), in two steps that overlap:
 * while one group is being committed, what of the next is stored already is looked up. `store` resolves after the commit
 * that holds the delivery, and only then.
 */
@Injectable()
export class InboxWriter {
  private readonly logger = new Logger('Inbox');
  private readonly complaint = new OnceInAWhile();
  /** To be looked up. */
  private readonly arrived = new DeliveryLine();
  /** Looked up, to be committed. */
  private readonly ready = new DeliveryLine();
  /** They bring what is in hand: what becomes of that is waited for, and then they are looked up again. */
  private readonly repeats = new DeliveryLine();
  /** What is ready, or being committed. */
  private readonly inHand = new Set<string>();
  /** What was that when the look-up under way began, and is no longer: it may have been read before the commit. */
  private readonly justLeft = new Set<string>();
  private readonly lookUps = new StorePace();
  private readonly commits = new StorePace();
  private lookingUp = false;
  private beingLookedUp = 0;
  private committing = false;

  constructor(
    private readonly storer: EventStorer,
    private readonly dialect: Dialect,
    private readonly locked: LockedAccounts,
  ) {}

  /**
   * Throws an `unavailable` AppError when it could not be stored now; the caller may come again with the same.
   * @param since of `performance.now()`: when it came, which may be a while ago
   */
  async store(records: DeliveryRecords, since = performance.now()): Promise<void> {
    if (countOf({ records }) === 0) return;
    const waiting = this.waitingFor('events');
    if (waiting > 0 && (waiting >= EVENTS_WAITING || this.waitingFor('characters') >= CHARACTERS_WAITING)) {
      throw cannotStore('inbox_full', 'Too much is waiting to be stored; deliver it again later');
    }
    if (this.namesLocked(records)) throw accountLocked();
    const now = performance.now();
    const leftMs = since + MOST_IN_ALL_MS - now;
    if (leftMs <= 0) throw tooLate();
    if (this.expectedWaitMs(now) > Math.min(MOST_WAIT_MS, leftMs)) {
      throw cannotStore('slow_storage', 'Storing takes too long at the moment; deliver it again later');
    }
    const size = [...records.events, ...records.unrouted].reduce((all, event) => all + event.payload.length, 0);
    await new Promise<void>((stored, refused) => {
      this.arrived.add({ records, fresh: byKey(records.events), size, since, stored, refused });
      void this.lookUpAll();
    });
  }

  private waitingFor(measure: keyof Bounds): number {
    return this.arrived[measure] + this.ready[measure] + this.repeats[measure];
  }

  /** The two steps overlap, and the slower one decides; its own commit comes after its look-up. What is not looked up yet is to be committed too. */
  private expectedWaitMs(now: number): number {
    const lookUp = this.lookUps.expectedWaitMs(this.arrived.events + this.repeats.events, PER_GROUP.events, now);
    const commit = this.commits.expectedWaitMs(this.waitingFor('events') + this.beingLookedUp, PER_GROUP.events, now);
    return Math.max(lookUp > 0 ? lookUp + this.commits.usualMs : 0, commit);
  }

  private async lookUpAll(): Promise<void> {
    if (this.lookingUp) return;
    this.lookingUp = true;
    // After all requests that this turn of the event loop has read: they are looked up together.
    await setImmediate();
    for (let group = this.takeArrived(); group.length > 0; group = this.takeArrived()) await this.lookUp(group);
    this.lookingUp = false;
  }

  private takeArrived(): WaitingDelivery[] {
    this.refuseLate(this.arrived);
    return this.arrived.take(PER_GROUP);
  }

  /** Never rejects. */
  private async lookUp(group: readonly WaitingDelivery[]): Promise<void> {
    this.justLeft.clear();
    this.beingLookedUp = eventsOf(group);
    const ended = this.lookUps.begin(this.beingLookedUp, performance.now());
    try {
      const wanted = new Map(group.flatMap((item) => [...item.fresh]));
      const known = await this.storer.findKnown([...wanted.values()]);
      for (const item of group) this.sortOut(item, known);
    } catch (error) {
      this.refuseAll(group, error);
    }
    ended(performance.now());
    this.beingLookedUp = 0;
    void this.commitAll();
  }

  private sortOut(item: WaitingDelivery, known: ReadonlySet<string>): void {
    const fresh = new Map([...item.fresh].filter(([key]) => !known.has(key)));
    if (isAnyIn(fresh, this.inHand)) {
      this.repeats.add(item);
    } else if (isAnyIn(fresh, this.justLeft)) {
      this.arrived.add(item);
    } else if (fresh.size === 0 && item.records.unrouted.length === 0) {
      this.tellStored({ ...item, fresh });
    } else {
      for (const key of fresh.keys()) this.inHand.add(key);
      this.ready.add({ ...item, fresh });
    }
  }

  private async commitAll(): Promise<void> {
    if (this.committing) return;
    this.committing = true;
    for (let group = this.takeReady(); group.length > 0; group = this.takeReady()) {
      await this.commit(group);
      this.release(group);
    }
    this.committing = false;
  }

  private takeReady(): WaitingDelivery[] {
    this.release(this.refuseLate(this.ready));
    this.release(this.refuseLocked(this.ready));
    return this.ready.take(PER_GROUP);
  }

  /** Work that nobody waits for any more would make the next ones late too. */
  private refuseLate(line: DeliveryLine): readonly WaitingDelivery[] {
    const bound = performance.now() - FORGET_AFTER_MS;
    const late = line.takeWhere((item) => item.since <= bound);
    for (const item of late) item.refused(tooLate());
    return late;
  }

  /** They have come in before it was known that their account is locked: each group that holds one would wait in vain. */
  private refuseLocked(line: DeliveryLine): readonly WaitingDelivery[] {
    if (this.locked.size === 0) return [];
    const locked = line.takeWhere((item) => this.namesLocked(item.records));
    for (const item of locked) item.refused(accountLocked());
    return locked;
  }

  /** Whatever has become of these: who waits for it is looked up again. */
  private release(group: readonly WaitingDelivery[]): void {
    if (group.length === 0) return;
    for (const { fresh } of group) {
      for (const key of fresh.keys()) {
        this.inHand.delete(key);
        if (this.lookingUp) this.justLeft.add(key);
      }
    }
    for (const item of this.repeats.takeWhere(({ fresh }) => !isAnyIn(fresh, this.inHand))) this.arrived.add(item);
    if (this.arrived.events > 0) void this.lookUpAll();
  }

  /** Never rejects: each delivery of the group is told by itself. */
  private async commit(group: readonly WaitingDelivery[]): Promise<void> {
    const ended = this.commits.begin(eventsOf(group), performance.now());
    const error = await this.tryToStore(group);
    const inVain = this.dialect.isLockWait(error);
    ended(performance.now(), !inVain);
    if (error === null) {
      for (const item of group) this.tellStored(item);
    } else if (inVain) {
      await this.commitUnlocked(group, error);
    } else if (this.dialect.isPassing(error)) {
      // The database's trouble, not that of one delivery: taking them one by one would only make it worse.
      this.refuseAll(group, error);
    } else {
      // One of them is odd: the others must not be refused for it.
      for (const item of group) await this.commitAlone(item);
    }
  }

  private async tryToStore(group: readonly WaitingDelivery[]): Promise<unknown> {
    try {
      await this.storer.store(group.flatMap(({ fresh }) => [...fresh.values()]), group.flatMap((item) => item.records.unrouted));
      return null;
    } catch (error) {
      return error;
    }
  }

  /** A row that names an account waits while somebody keeps the account's row locked: the others must not wait with it. */
  private async commitUnlocked(group: readonly WaitingDelivery[], error: unknown): Promise<void> {
    const accounts = group.flatMap(({ fresh }) => [...fresh.values()].map((event) => event.accountId));
    const found = await this.locked.find(accounts).catch(() => new Set());
    if (found.size === 0) {
      this.refuseAll(group, error);
      return;
    }
    const free = group.filter((item) => !this.namesLocked(item.records));
    for (const item of group) if (!free.includes(item)) item.refused(accountLocked());
    if (free.length > 0) await this.commit(free);
  }

  private async commitAlone(item: WaitingDelivery): Promise<void> {
    if (this.namesLocked(item.records)) {
      item.refused(accountLocked());
      return;
    }
    try {
      await this.storer.storeByAccount([...item.fresh.values()], item.records.unrouted);
      this.tellStored(item);
    } catch (error) {
      if (this.dialect.isLockWait(error)) {
        await this.commitUnlocked([item], error);
        return;
      }
      this.logger.error(`A delivery could not be stored: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
      item.refused(unavailable(error));
    }
  }

  private tellStored({ records, fresh, stored }: WaitingDelivery): void {
    if (fresh.size < records.events.length) {
      const first = new Set(fresh.values());
      this.storer.countRepeated(records.events.filter((event) => !first.has(event)));
    }
    stored();
  }

  private refuseAll(group: readonly WaitingDelivery[], error: unknown): void {
    if (this.complaint.isDue()) this.logger.error(`The database takes nothing: ${messageOf(error)}`);
    for (const item of group) item.refused(unavailable(error));
  }

  private namesLocked({ events }: DeliveryRecords): boolean {
    return events.some((event) => this.locked.has(event.accountId));
  }
}

function eventsOf(group: readonly WaitingDelivery[]): number {
  return group.reduce((sum, item) => sum + countOf(item), 0);
}

/** The first of each key, in their order. */
function byKey(events: readonly NewInboxEvent[]): Map<string, NewInboxEvent> {
  const first = new Map<string, NewInboxEvent>();
  for (const event of events) if (!first.has(keyOf(event))) first.set(keyOf(event), event);
  return first;
}

function isAnyIn(events: ReadonlyMap<string, unknown>, keys: ReadonlySet<string>): boolean {
  for (const key of events.keys()) if (keys.has(key)) return true;
  return false;
}

function accountLocked(): AppError {
  return cannotStore('account_locked', 'The account is locked in the database at the moment; deliver it again later');
}

function tooLate(): AppError {
  return cannotStore('too_late', 'It could not be stored in time; deliver it again later');
}

function unavailable(cause: unknown): AppError {
  return cannotStore('cannot_store', 'The delivery cannot be stored at the moment; deliver it again later', cause);
}

function cannotStore(code: string, message: string, cause?: unknown): AppError {
  return new AppError('unavailable', code, message, [], { cause }, COME_BACK_SECONDS);
}
