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
    sends.take(1);
    sends.take(2);
    expect(await isWaiting(sends.notCrowded(1_000))).toBe(false);
  });

  it('are in hand until they are let go, whatever has become of them', () => {
    const { sends } = hand(2);
    for (const id of [1, 2, 3]) sends.take(id);
    sends.call(2);
    sends.call(3);
    sends.answer(3);
    expect([1, 2, 3].map((id) => sends.has(id))).toEqual([true, true, true]);
    for (const id of [1, 2, 3]) sends.letGo(id);
    expect([1, 2, 3].map((id) => sends.has(id))).toEqual([false, false, false]);
    expect(sends.size).toBe(0);
  });

  it('hold up what is decided until enough of them are recorded', async () => {
    const { sends } = hand(2);
    for (const id of [1, 2, 3, 4]) sends.take(id);
    const clear = sends.notCrowded(60_000);
    expect(await isWaiting(clear)).toBe(true);
    sends.letGo(1);
    expect(await isWaiting(clear)).toBe(true);
    sends.letGo(2);
    await clear;
    expect(sends.size).toBe(2);
  });

  it('hold it up for so long, and no longer', async () => {
    jest.useFakeTimers();
    try {
      const { sends } = hand(0);
      sends.take(1);
      const clear = sends.notCrowded(1_000);
      jest.advanceTimersByTime(999);
      expect(await isWaiting(clear)).toBe(true);
      jest.advanceTimersByTime(1);
      await clear;
    } finally {
      jest.useRealTimers();
    }
  });

  it('are no crowd where their calls hang, or stand behind such', async () => {
    const { sends, pass } = hand(2);
    for (const id of [1, 2, 3, 4, 5, 6]) sends.take(id);
    for (const id of [1, 2, 3]) sends.call(id);
    pass(500);
    expect(await isWaiting(sends.notCrowded(60_000))).toBe(true);
    pass(1_500);
    expect(await isWaiting(sends.notCrowded(60_000))).toBe(false);
  });

  it('are a crowd where they cannot be recorded, however long', async () => {
    const { sends, pass } = hand(2);
    for (const id of [1, 2, 3]) {
      sends.take(id);
      sends.call(id);
      sends.answer(id);
    }
    pass(60_000);
    expect(await isWaiting(sends.notCrowded(60_000))).toBe(true);
  });
});
