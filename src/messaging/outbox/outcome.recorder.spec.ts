import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Dialect, type TransactionRunner } from '../../database/index.js';
import type { Attempt } from './outcome.recorder.js';

// It waits between its tries, for seconds in the end.
jest.unstable_mockModule('node:timers/promises', () => ({ setTimeout: (ms: number) => delay(ms / 20) }));
const { OutcomeRecorder } = await import('./outcome.recorder.js');

const LOCKED = 'locked';

interface Faults {
  readonly held?: readonly string[];
  readonly isFound?: boolean;
  readonly code?: string;
  readonly recordLate?: () => Promise<void>;
}

/** Fakes of what it writes by: what it writes is for the specs on a database. */
function newRecorder({ held: inTheWay = [LOCKED], isFound = true, code = 'ER_LOCK_WAIT_TIMEOUT', recordLate = () => Promise.resolve() }: Faults = {}) {
  const locked = new Set<string>();
  const held = new Set(inTheWay);
  const written: string[] = [];
  let waits = 0;
  let waited = Promise.resolve();
  const recorder = new OutcomeRecorder(
    { run: (work: (tx: unknown) => Promise<unknown>) => work({}) } as unknown as TransactionRunner,
    new Dialect('mysql'),
    { lockAttempts: () => Promise.resolve({ standing: [], otherwise: [] }) } as never,
    { writeQuietly: () => Promise.resolve(new Set()) } as never,
    { find: () => Promise.resolve([]), record: recordLate } as never,
    { lock: () => Promise.resolve(new Map()), apply: () => Promise.resolve() } as never,
    {
      gather: (of: readonly { accountId: string }[]) => Promise.resolve(of),
      write: async (_: unknown, of: readonly { accountId: string }[]) => {
        if (of.some(({ accountId }) => held.has(accountId))) {
          waits++;
          await waited;
          throw Object.assign(new Error('It did not work'), { code });
        }
        written.push(...of.map(({ accountId }) => accountId));
      },
    } as never,
    { now: () => new Date() },
    {
      get size() { return locked.size; },
      has: (id: string) => locked.has(id),
      find: (ids: Iterable<string>) => {
        const found = new Set([...ids].filter((id) => isFound && held.has(id)));
        for (const id of found) locked.add(id);
        return Promise.resolve(found);
      },
    } as never,
  );
  let id = 0;
  const record = (accountId: string) => recorder.record({ claimed: { id: ++id, accountId }, outcome: {} } as unknown as Attempt);
  const free = () => {
    held.clear();
    locked.clear();
  };
  /** From now on who waits in vain waits until what it gives is called. */
  const hold = () => {
    let end: () => void = () => undefined;
    waited = new Promise((resolve) => (end = resolve));
    return end;
  };
  return { record, written, waits: () => waits, free, hold };
}

describe('OutcomeRecorder', () => {
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('keeps nobody waiting for an account whose row is locked in the database, and records its outcomes when it is free', async () => {
    const { record, written, waits, free } = newRecorder();
    const theirs = Promise.all(Array.from({ length: 12 }, () => record(LOCKED)));
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 5 }, (_, at) => record(`other ${String(at)}`)));
    expect(written).toHaveLength(15);
    expect(waits()).toBe(1);
    free();
    await theirs;
    expect(written.filter((id) => id === LOCKED)).toHaveLength(12);
  });

  it('keeps the others going where something else is locked', async () => {
    const { record, written, waits, free } = newRecorder({ isFound: false });
    const theirs = record(LOCKED);
    const others = await Promise.all(Array.from({ length: 40 }, (_, at) => record(`other ${String(at)}`)));
    expect(others.every(({ settled }) => settled)).toBe(true);
    expect(written).toHaveLength(40);
    // Once with all, and once alone: not for each of the others.
    expect(waits()).toBeLessThanOrEqual(2);
    free();
    expect(await theirs).toMatchObject({ settled: true });
  });

  it.each(['ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK', 'SQLITE_BUSY', 'ECONNREFUSED'])('keeps an outcome through any number of tries that were in vain for %s', async (code) => {
    const { record, written, waits, free } = newRecorder({ isFound: false, code });
    const settled: unknown[] = [];
    const theirs = record(LOCKED).then((recorded) => settled.push(recorded));
    while (waits() < 12) await delay(5);
    expect([settled, written]).toEqual([[], []]);
    free();
    await theirs;
    expect([settled, written]).toEqual([[expect.objectContaining({ settled: true })], [LOCKED]]);
  });

  it('keeps an answer that came late until it is recorded too', async () => {
    let failures = 3;
    const recordLate = () => (failures-- > 0 ? Promise.reject(Object.assign(new Error('It did not work'), { code: 'ECONNREFUSED' })) : Promise.resolve());
    const { record } = newRecorder({ held: [], recordLate });
    expect(await record('one')).toMatchObject({ settled: true });
    expect(failures).toBe(-1);
  });

  it('leaves to the look-up what the database will not take', async () => {
    const { record, waits } = newRecorder({ isFound: false, code: 'ER_DATA_TOO_LONG' });
    const [theirs, other] = await Promise.all([record(LOCKED), record('other')]);
    expect(theirs).toEqual({ settled: false, behind: false });
    expect(other).toMatchObject({ settled: true });
    expect(waits()).toBe(9); // once with the other
  });

  it('keeps nobody waiting for something else that stays locked', async () => {
    const { record, written, waits, free, hold } = newRecorder({ isFound: false });
    const theirs = record(LOCKED);
    while (waits() < 2) await delay(5);
    const end = hold();
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 5 }, (_, at) => record(`other ${String(at)}`)));
    expect(written).toHaveLength(15);
    free();
    end();
    expect(await theirs).toMatchObject({ settled: true });
  });
});
