import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { LockedAccounts } from '../../accounts/index.js';
import { SystemClock } from '../../common/clock.js';
import { Dialect, type TransactionRunner } from '../../database/index.js';
import type { AttemptedSendRepository } from './attempted-send.repository.js';
import type { LookUpAttempt } from './look-up-attempt.js';
import { SettleUncertainUseCase } from './settle-uncertain.usecase.js';

const LOCK_WAIT = Object.assign(new Error('Lock wait timeout exceeded'), { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 });

describe('SettleUncertainUseCase', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** A look-up that says something of two accounts of one app, of which it cannot write at first. */
  async function settle(locked: readonly string[]) {
    const errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const note = jest.fn<() => Promise<void>>().mockRejectedValueOnce(LOCK_WAIT).mockResolvedValue();
    const find = jest.fn(async (ids: Iterable<string>) => new Set([...ids].filter((id) => locked.includes(id))));
    const attempt = { accountId: '1', messageId: 'm', attemptedAt: new Date() };
    const none = undefined as never;
    await new SettleUncertainUseCase(
      { run: async (work: (tx: never) => Promise<unknown>) => await work(none) } as unknown as TransactionRunner,
      { claimLookups: async () => [attempt], lockAttempts: async () => ({ standing: [] }) } as unknown as AttemptedSendRepository,
      none, none,
      { execute: async () => ({ result: { kind: 'unanswered' }, about: ['1', '2'], note }) } as unknown as LookUpAttempt,
      new SystemClock(), new Dialect('mysql'), { find } as unknown as LockedAccounts,
    ).execute('1');
    return { written: note.mock.calls.length, asked: find.mock.calls.map(([ids]) => [...ids]), errors: errors.mock.calls.length };
  }

  it('records without an account of the app that somebody keeps locked', async () => {
    expect(await settle(['2'])).toEqual({ written: 2, asked: [['1', '2']], errors: 0 });
  });

  it('says so where something else is locked, and looks up again', async () => {
    expect(await settle([])).toEqual({ written: 1, asked: [['1', '2']], errors: 1 });
  });
});
