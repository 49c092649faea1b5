import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Dialect, type TransactionRunner } from '../../database/index.js';
import { OutcomeRecorder, type Attempt } from './outcome.recorder.js';

const LOCKED = 'locked';

/** Fakes of what it writes by: what it writes is for the specs on a database. */
function newRecorder({ held: inTheWay = [LOCKED], isFound = true }: { held?: readonly string[]; isFound?: boolean } = {}) {
  const locked = new Set<string>();
  const held = new Set(inTheWay);
  const written: string[] = [];
  let waits = 0;
  const recorder = new OutcomeRecorder(
    { run: (work: (tx: unknown) => Promise<unknown>) => work({}) } as unknown as TransactionRunner,
    new Dialect('mysql'),
    { lockAttempts: () => Promise.resolve({ standing: [], otherwise: [] }) } as never,
    { writeQuietly: () => Promise.resolve(new Set()) } as never,
    { lock: () => Promise.resolve(new Map()), apply: () => Promise.resolve() } as never,
    {
      gather: (of: readonly { accountId: string }[]) => Promise.resolve(of),
      write: (_: unknown, of: readonly { accountId: string }[]) => {
        if (of.some(({ accountId }) => held.has(accountId))) {
          waits++;
          return Promise.reject(Object.assign(new Error('Lock wait timeout exceeded'), { code: 'ER_LOCK_WAIT_TIMEOUT' }));
        }
        written.push(...of.map(({ accountId }) => accountId));
        return Promise.resolve();
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
  return { record, written, waits: () => waits, free };
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
});
