import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { LockedAccounts } from '../../accounts/index.js';
import type { Dialect } from '../../database/index.js';
import type { EventStorer } from './event-storer.js';
import { keyOf, type NewInboxEvent } from './inbox-event.js';
import { InboxWriter } from './inbox.writer.js';

const at = new Date('2026-11-01T12:00:00.000Z');
const event = (dedupeKey: string): NewInboxEvent => ({
  accountId: '1', dedupeKey, kind: 'message', conversationId: '1:2', laneKey: '1:2', occurredAt: at, receivedAt: at, payload: '{}', ignoredBecause: null,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const until = async (condition: () => boolean) => {
  while (!condition()) await turn();
};

/** A database that takes look-ups while it commits, as those do that are not SQLite; each step takes as many turns as `turns` says. */
class OverlappingStorer {
  readonly stored = new Set<string>();
  readonly committing = new Set<string>();
  readonly storedAgain: string[] = [];
  lookUps = 0;
  counted = { fresh: 0, repeated: 0 };
  turns: () => number = () => 0;
  /** What the next commit fails with. */
  failure: () => string | null = () => null;
  held: Promise<void> = Promise.resolve();

  async findKnown(events: readonly NewInboxEvent[]): Promise<ReadonlySet<string>> {
    this.lookUps++;
    const known = new Set(events.map(keyOf).filter((key) => this.stored.has(key)));
    await this.wait();
    return known;
  }

  async store(events: readonly NewInboxEvent[]): Promise<void> {
    const keys = events.map(keyOf);
    this.storedAgain.push(...keys.filter((key, i) => this.committing.has(key) || this.stored.has(key) || keys.indexOf(key) !== i));
    for (const key of keys) this.committing.add(key);
    await this.held;
    await this.wait();
    for (const key of keys) this.committing.delete(key);
    const failure = this.failure();
    if (failure !== null) throw new Error(failure);
    for (const key of keys) this.stored.add(key);
    this.counted.fresh += keys.length;
  }

  async storeByAccount(events: readonly NewInboxEvent[]): Promise<void> {
    await this.store(events);
  }

  countRepeated({ length }: readonly NewInboxEvent[]): void {
    this.counted.repeated += length;
  }

  private async wait(): Promise<void> {
    for (let left = this.turns(); left > 0; left--) await turn();
  }
}

describe('InboxWriter, on a database that does several things at once', () => {
  let storer: OverlappingStorer;
  let writer: InboxWriter;
  const begin = () => {
    storer = new OverlappingStorer();
    const says = (message: string) => (error: unknown) => error instanceof Error && error.message === message;
    const dialect = { isLockWait: says('locked'), isPassing: says('gone') } as Partial<Dialect> as Dialect;
    const locked = { size: 0, has: () => false, find: () => Promise.resolve(new Set()) } as Partial<LockedAccounts> as LockedAccounts;
    writer = new InboxWriter(storer as Partial<EventStorer> as EventStorer, dialect, locked);
  };
  const store = (...names: string[]) => writer.store({ events: names.map(event), unrouted: [] });

  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    begin();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const hold = () => {
    let open: () => void = () => undefined;
    storer.held = new Promise((resolve) => (open = resolve));
    return open;
  };

  it('looks up what comes while others are being committed, and only once', async () => {
    const open = hold();
    const first = store('a');
    await until(() => storer.committing.size === 1);
    const second = store('b');
    await until(() => storer.lookUps === 2);
    open();
    await Promise.all([first, second]);
    expect(storer.lookUps).toBe(2);
    expect([...storer.stored]).toEqual(['1 a', '1 b']);
  });

  it('tells a repeat of what is being committed when that is stored, and stores it itself where that fails', async () => {
    const open = hold();
    let failures = 1;
    storer.failure = () => (failures-- > 0 ? 'gone' : null);
    const told: string[] = [];
    const tell = (name: string) => store('a').then(() => told.push(`${name} stored`), () => told.push(`${name} refused`));
    const all = [tell('first')];
    await until(() => storer.committing.size === 1);
    all.push(tell('repeat'));
    await until(() => storer.lookUps === 2);
    for (let i = 0; i < 20; i++) await turn();
    expect(told).toEqual([]);
    open();
    await Promise.all(all);
    expect(told).toEqual(['first refused', 'repeat stored']);
  });

  it('stores each event once, counts it so, and tells nobody before, however deliveries and repeats fall', async () => {
    const some = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(
      fc.array(fc.record({ some, pause: fc.nat(4) }), { maxLength: 15 }),
      fc.infiniteStream(fc.nat(4)),
      fc.infiniteStream(fc.constantFrom('gone', 'odd', 'locked', ...Array<null>(12).fill(null))),
      async (deliveries, durations, luck) => {
        begin();
        storer.turns = () => durations.next().value ?? 0;
        storer.failure = () => luck.next().value ?? null;
        const told: { names: readonly string[]; stored: boolean }[] = [];
        const stores: Promise<unknown>[] = [];
        for (const { some: names, pause } of deliveries) {
          stores.push(store(...names).then(
            () => {
              expect(names.filter((name) => !storer.stored.has(`1 ${name}`))).toEqual([]);
              told.push({ names, stored: true });
            },
            (error: unknown) => {
              told.push({ names, stored: false });
              expect(error).toMatchObject({ kind: 'unavailable', code: 'cannot_store', cause: { message: expect.stringMatching(/gone|odd|locked/) } });
            },
          ));
          for (let i = 0; i < pause; i++) await turn();
        }
        await Promise.all(stores);
        expect(told).toHaveLength(deliveries.length);
        expect(storer.storedAgain).toEqual([]);
        expect(storer.counted.fresh).toBe(storer.stored.size);
        const told200 = told.filter(({ stored }) => stored).reduce((sum, { names }) => sum + names.length, 0);
        expect(storer.counted.repeated).toBe(told200 - storer.stored.size);
        // Nothing is left in hand that a repeat would wait for.
        storer.failure = () => null;
        await store('a', 'b', 'c', 'd', 'e');
        expect(storer.stored.size).toBe(5);
      },
    ), { numRuns: 300 });
  });
});
