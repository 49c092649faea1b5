import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { MovedClock } from '../../../test/support/outbox-bed.js';
import type { AccountDirectory, AccountRepository, LockedAccounts } from '../../accounts/index.js';
import type { TransactionRunner } from '../../database/index.js';
import { AppPauses, type OtherPause } from './app-pauses.js';

const calledAt = new Date('2026-11-24T09:59:00.000Z');
const pause = (accountId: string, minutes: number): OtherPause => ({ accountId, calledAt, asked: { forMs: minutes * 60_000, scope: 'app', reason: 'too many calls' } });

describe('pauses of the other accounts of an app', () => {
  const clock = new MovedClock();
  const written: [id: string, until: string, tx: number][] = [];
  const evicted: string[] = [];
  let transactions: number;
  let open: number;
  let warnings: unknown[];
  let apps: AppPauses;

  beforeEach(() => {
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((...words: unknown[]) => void warnings.push(words));
    written.length = evicted.length = transactions = open = 0;
    const runner = {
      run: async (work: (tx: number) => Promise<void>) => {
        expect(++open).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        try {
          await work(++transactions);
        } finally {
          open--;
        }
      },
    } as unknown as TransactionRunner;
    const accounts = {
      pauseSending: (tx: number, id: string, until: Date) => {
        if (id === 'broken') throw new Error('no');
        written.push([id, until.toISOString().slice(11, 16), tx]);
        return Promise.resolve();
      },
    } as unknown as AccountRepository;
    const directory = { evict: (id: string) => evicted.push(id) } as unknown as AccountDirectory;
    apps = new AppPauses(runner, accounts, directory, clock, { has: (id: string) => id === 'locked' } as unknown as LockedAccounts);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('are written one after the other, each in a transaction of its own, whatever becomes of one', async () => {
    apps.add([pause('1', 5), pause('broken', 5), pause('locked', 5), pause('2', 5)]);
    await apps.idle();
    expect(written).toEqual([['1', '10:05', 1], ['2', '10:05', 3]]);
    expect(evicted).toEqual(['1', '2']);
    expect(warnings.some((words) => JSON.stringify(words).includes('could not be recorded'))).toBe(true);
    apps.add([pause('3', 1)]);
    await apps.idle();
    expect(written.at(-1)).toEqual(['3', '10:01', 4]);
  });

  it('are written once, and the longest, however many calls are told so at once', async () => {
    for (const minutes of [5, 60, 5, 1]) apps.add(['1', '2', '3'].map((id) => pause(id, minutes)));
    await apps.idle();
    // The first was under way already.
    expect(written.map(([id, until]) => [id, until])).toEqual([['1', '10:05'], ['2', '11:00'], ['3', '11:00'], ['1', '11:00']]);
  });
});
