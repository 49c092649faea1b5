import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ACCOUNT, InboxBed, OTHER_ACCOUNT, START } from '../../../test/support/inbox-bed.js';
import { AppError } from '../../common/errors.js';
import type { DeliveryRecords, NewInboxEvent } from './inbox-event.js';

const at = new Date(START);
const event = (dedupeKey: string, over: Partial<NewInboxEvent> = {}): NewInboxEvent => ({
  accountId: ACCOUNT, dedupeKey, kind: 'message', conversationId: `${ACCOUNT}:1`, laneKey: `${ACCOUNT}:1`, occurredAt: at, receivedAt: at, payload: '{}',
  ignoredBecause: null, ...over,
});
const delivery = (...events: NewInboxEvent[]): DeliveryRecords => ({ events, unrouted: [] });

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('InboxWriter', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await bed.db.close();
  });

  const keys = async () => (await bed.query<{ dedupe_key: string }>('SELECT dedupe_key FROM webhook_events ORDER BY id')).map((row) => row.dedupe_key);

  /** Keeps SQLite's one place for itself until the function it gives is called. */
  const holdDatabase = async () => {
    let release: () => void = () => undefined;
    let ended: Promise<void> | undefined;
    await new Promise<void>((started) => {
      ended = bed.db.transactions.run(() => new Promise<void>((resolve) => {
        release = resolve;
        started();
      }));
    });
    return async () => {
      release();
      await ended;
    };
  };

  /** The next insert waits until `now` is called. */
  const holdInserts = () => {
    const insert = bed.events.insertMany.bind(bed.events);
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const held = { asked: 0, now: open };
    jest.spyOn(bed.events, 'insertMany').mockImplementation(async (tx, events) => {
      held.asked++;
      await opened;
      await insert(tx, events);
    });
    return held;
  };

  const until = async (condition: () => boolean) => {
    while (!condition()) await turn();
  };

  it('stores what arrives together in one commit, and what arrives meanwhile in the next', async () => {
    const run = jest.spyOn(bed.db.transactions, 'write');
    const stores = Array.from({ length: 100 }, (_, i) => bed.writer.store(delivery(event(`a${String(i)}`))));
    await turn();
    stores.push(...Array.from({ length: 100 }, (_, i) => bed.writer.store(delivery(event(`b${String(i)}`)))));
    await Promise.all(stores);
    expect(run).toHaveBeenCalledTimes(2);
    expect(await keys()).toHaveLength(200);
  });

  it('stores the same once, in the order of arrival, and says stored to all', async () => {
    await bed.writer.store(delivery(event('z')));
    await Promise.all(Array.from({ length: 10 }, () => bed.writer.store(delivery(event('y'), event('x'), event('z'), event('y')))));
    expect(await keys()).toEqual(['z', 'y', 'x']);
  });

  it('says stored only after the commit, and rings then', async () => {
    const release = await holdDatabase();
    let stored = false;
    const storing = bed.writer.store(delivery(event('a'))).then(() => (stored = true));
    for (let i = 0; i < 20; i++) await turn();
    expect(stored).toBe(false);
    expect(bed.doorbell.rung.size).toBe(0);
    await release();
    await storing;
    expect(bed.doorbell.rung.size).toBe(1);
  });

  it('settles at once what has no effect', async () => {
    await bed.writer.store(delivery(event('a', { kind: 'reaction', ignoredBecause: 'no effect' })));
    expect(await bed.query('SELECT status, pending_lane, decision FROM webhook_events')).toEqual([
      { status: 'ignored', pending_lane: null, decision: '{"rules":[],"queued":[],"stopped":"no effect"}' },
    ]);
    expect(bed.doorbell.rung.size).toBe(0);
  });

  it('keeps an account that has gone from taking the others with it', async () => {
    const gone = event('gone', { accountId: '404', conversationId: '404:1', laneKey: '404:1' });
    await Promise.all([
      bed.writer.store(delivery(event('a'), gone)),
      bed.writer.store(delivery(event('b', { accountId: OTHER_ACCOUNT, conversationId: `${OTHER_ACCOUNT}:1`, laneKey: `${OTHER_ACCOUNT}:1` }))),
    ]);
    expect((await keys()).toSorted()).toEqual(['a', 'b']);
    expect(await bed.query('SELECT kind, reason FROM unrouted_events')).toEqual([{ kind: 'message', reason: 'the account was being deleted' }]);
  });

  it('refuses only the one that cannot be stored, and all of them when nothing can', async () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const insert = bed.events.insertMany.bind(bed.events);
    jest.spyOn(bed.events, 'insertMany').mockImplementation(async (tx, events) => {
      if (events.some((e) => e.dedupeKey === 'odd')) throw new Error('odd');
      await insert(tx, events);
    });
    const results = await Promise.allSettled([bed.writer.store(delivery(event('a'))), bed.writer.store(delivery(event('odd'))), bed.writer.store(delivery(event('b')))]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 2 });

    jest.spyOn(bed.db.transactions, 'write').mockRejectedValue(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }));
    await expect(bed.writer.store(delivery(event('c')))).rejects.toBeInstanceOf(AppError);
  });

  it('refuses at once what would be stored too late, tells what waited too long, and goes on when the database does', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const release = holdInserts();
    const inHand = bed.writer.store(delivery(event('in hand')));
    await until(() => release.asked === 1);
    const waiting = bed.writer.store(delivery(event('waiting'))).catch((error: unknown) => error);
    now = 1_500;
    await expect(bed.writer.store(delivery(event('long unread')), -1_000)).rejects.toMatchObject({ code: 'slow_storage' });
    now = 3_000;
    await expect(bed.writer.store(delivery(event('new')))).rejects.toMatchObject({ kind: 'unavailable', code: 'slow_storage', retryAfterSeconds: 2 });
    now = 4_500;
    release.now();
    await inHand;
    expect(await waiting).toMatchObject({ code: 'too_late' });
    await bed.writer.store(delivery(event('again')));
    expect(await keys()).toEqual(['in hand', 'again']);
  });

  it('refuses at once where not even a look-up comes back', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const release = await holdDatabase();
    const first = bed.writer.store(delivery(event('first'))).catch((error: unknown) => error);
    await turn();
    now = 3_000;
    await expect(bed.writer.store(delivery(event('new')))).rejects.toMatchObject({ code: 'slow_storage' });
    now = 4_500;
    await release();
    expect(await first).toMatchObject({ code: 'too_late' });
  });

  it('refuses early when too much is waiting', async () => {
    const release = await holdDatabase();
    const big = Array.from({ length: 25_000 }, (_, i) => event(String(i)));
    const first = [bed.writer.store(delivery(event('first'))), bed.writer.store(delivery(...big)), bed.writer.store(delivery(...big))];
    await expect(bed.writer.store(delivery(event('last')))).rejects.toMatchObject({ code: 'inbox_full' });
    jest.spyOn(bed.events, 'insertMany').mockResolvedValue();
    jest.spyOn(bed.events, 'findKnown').mockResolvedValue(new Set());
    await release();
    await Promise.all(first);
  });
});
