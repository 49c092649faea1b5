import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inTime } from './in-time.js';

describe('answering a delivery in time', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('gives what the work gives, or its failure', async () => {
    await expect(inTime(Promise.resolve(1), performance.now())).resolves.toBe(1);
    await expect(inTime(Promise.reject(new Error('odd')), performance.now())).rejects.toThrow('odd');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('gives up before Meta does, counted from when the delivery came, and minds no late failure', async () => {
    let fail: (error: Error) => void = () => undefined;
    const answer = inTime(new Promise((_, reject) => { fail = reject; }), performance.now() - 2_000).catch((error: unknown) => error);
    jest.advanceTimersByTime(1_499);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await answer).toMatchObject({ kind: 'unavailable', code: 'too_late', retryAfterSeconds: 2 });
    fail(new Error('later'));
  });
});
