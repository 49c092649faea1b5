import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ACCOUNT, InboxBed, OTHER_ACCOUNT, text } from '../../../test/support/inbox-bed.js';

/** As MySQL says it after the wait; SQLite has no row locks, so the wait itself is for `test/locked-account`. */
const inVain = () => Object.assign(new Error('Lock wait timeout exceeded'), { code: 'ER_LOCK_WAIT_TIMEOUT' });

describe('an account whose row is locked in the database', () => {
  let bed: InboxBed;
  let locked: boolean;
  let tries: number;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance', 'Date', 'queueMicrotask'] });
    for (const level of ['error', 'log'] as const) jest.spyOn(Logger.prototype, level).mockReturnValue();
    bed = await InboxBed.open();
    [locked, tries] = [true, 0];
    jest.spyOn(bed.accounts, 'listLocked').mockImplementation((_, ids) => Promise.resolve(locked ? ids.filter((id) => id === ACCOUNT) : []));
    const failsOnLocked = (accounts: readonly string[]) => {
      if (!locked || !accounts.includes(ACCOUNT)) return;
      tries++;
      throw inVain();
    };
    const insert = bed.events.insertMany.bind(bed.events);
    jest.spyOn(bed.events, 'insertMany').mockImplementation(async (tx, events) => {
      failsOnLocked(events.map((event) => event.accountId));
      await insert(tx, events);
    });
    const settle = bed.events.markSettled.bind(bed.events);
    jest.spyOn(bed.events, 'markSettled').mockImplementation(async (tx, settled, now) => {
      failsOnLocked(settled.map(({ event }) => event.accountId));
      await settle(tx, settled, now);
    });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    jest.useRealTimers();
    await bed.db.close();
  });

  const statuses = () => bed.query<{ account_id: string; status: string; attempts: number }>('SELECT account_id, status, attempts FROM webhook_events ORDER BY account_id');
  const afterLook = async () => {
    await jest.advanceTimersByTimeAsync(1_100);
  };
  const free = async () => {
    locked = false;
    await afterLook();
    while (bed.locked.size > 0) await new Promise((resolve) => setImmediate(resolve));
  };

  it('is refused deliveries at once, keeps nobody else from theirs, and gets them when the row is free', async () => {
    const deliver = (account: string, mid: string) => bed.deliver([text(mid, 'hi')], account);
    const first = await Promise.allSettled([deliver(ACCOUNT, 'a1'), deliver(OTHER_ACCOUNT, 'b1')]);
    expect(first).toMatchObject([{ status: 'rejected', reason: { kind: 'unavailable', code: 'account_locked', retryAfterSeconds: 2 } }, { status: 'fulfilled' }]);
    expect(tries).toBe(1);
    for (let round = 0; round < 3; round++) {
      await expect(deliver(ACCOUNT, 'a1')).rejects.toMatchObject({ code: 'account_locked' });
      await deliver(OTHER_ACCOUNT, `b${String(round)}`);
      await afterLook();
    }
    expect(tries).toBe(1);
    await free();
    await deliver(ACCOUNT, 'a1');
    expect((await statuses()).filter(({ account_id }) => account_id === ACCOUNT)).toHaveLength(1);
  });

  it('has its events wait without losing an attempt, and the lane goes on with the others', async () => {
    locked = false;
    await bed.deliver([text('a1', 'hi')]);
    await bed.deliver([text('b1', 'hi')], OTHER_ACCOUNT);
    await bed.query('UPDATE webhook_events SET pending_lane = 7');
    locked = true;
    expect(await bed.processEvents.execute(7)).toBe('more');
    expect(await bed.processEvents.execute(7)).toBe('idle');
    expect(tries).toBe(1);
    expect(await statuses()).toEqual([
      { account_id: ACCOUNT, status: 'pending', attempts: 0 },
      { account_id: OTHER_ACCOUNT, status: 'processed', attempts: 1 },
    ]);
    await free();
    await bed.processEvents.execute(7);
    expect((await statuses()).map(({ status }) => status)).toEqual(['processed', 'processed']);
  });
});
