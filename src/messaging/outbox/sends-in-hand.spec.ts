import { describe, expect, it, jest } from '@jest/globals';
import { SendsInHand } from './sends-in-hand.js';

describe('the sends in hand', () => {
  function hand(crowd: number) {
    let now = 0;
    const sends = new SendsInHand(crowd, () => now);
    return { sends, pass: (ms: number) => (now += ms) };
  }

  async function isWaiting(promise: Promise<void>): Promise<boolean> {
    let over = false;
    void promise.then(() => (over = true));
    for (let turns = 0; turns < 5; turns++) await Promise.resolve();
    return !over;
  }

  it('hold up nothing while they are no crowd', async () => {
    const { sends } = hand(2);
    sends.add(1);
    sends.add(2);
    expect(await isWaiting(sends.notCrowded(1_000))).toBe(false);
  });

  it('hold up what is decided until enough of them are recorded', async () => {
    const { sends } = hand(2);
    for (const id of [1, 2, 3, 4]) sends.add(id);
    const clear = sends.notCrowded(60_000);
    expect(await isWaiting(clear)).toBe(true);
    sends.delete(1);
    expect(await isWaiting(clear)).toBe(true);
    sends.delete(2);
    await clear;
    expect(sends.size).toBe(2);
  });

  it('hold it up for so long, and no longer', async () => {
    jest.useFakeTimers();
    try {
      const { sends } = hand(0);
      sends.add(1);
      const clear = sends.notCrowded(1_000);
      jest.advanceTimersByTime(999);
      expect(await isWaiting(clear)).toBe(true);
      jest.advanceTimersByTime(1);
      await clear;
    } finally {
      jest.useRealTimers();
    }
  });

  it('are no crowd where their calls hang', async () => {
    const { sends, pass } = hand(2);
    for (const id of [1, 2, 3, 4]) sends.add(id);
    pass(2_000);
    sends.add(5);
    expect(await isWaiting(sends.notCrowded(60_000))).toBe(false);
  });
});
