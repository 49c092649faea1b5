import { describe, expect, it } from '@jest/globals';
import { SlidingWindow } from './sliding-window.js';

describe('SlidingWindow', () => {
  it('lets no more than the limit through in any sliding window, whenever they come', async () => {
    let now = 0;
    const went: number[] = [];
    const window = new SlidingWindow(100, 1000, () => now, async (ms) => { now += ms; });
    for (let i = 0; i < 450; i++) {
      if (i === 60) now += 990; // the turn of a fixed window, where twice the limit would pass
      await window.take('a');
      went.push(now);
    }
    for (const start of went) expect(went.filter((at) => at >= start && at < start + 1000).length).toBeLessThanOrEqual(100);
    expect(went.at(-1)).toBeLessThanOrEqual(5000);
  });

  it('keeps accounts apart', async () => {
    const window = new SlidingWindow(1, 1000, () => 0, () => Promise.reject(new Error('must not wait')));
    await window.take('a');
    await window.take('b');
  });
});
