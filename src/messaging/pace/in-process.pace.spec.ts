import { describe, expect, it } from '@jest/globals';
import { parseEnvironment } from '../../config/index.js';
import { InProcessPace } from './in-process.pace.js';
import { paceLimits } from './pace-limits.js';
import type { PaceTime } from './pace-line.js';

const LIMITS = paceLimits(parseEnvironment({}).limits);
const HOUR_MS = 3_600_000;

/** Time that passes only when somebody waits. */
class MovedTime implements PaceTime {
  at = 0;

  now(): number {
    return this.at;
  }

  async wait(ms: number): Promise<void> {
    this.at += ms;
  }
}

const most = (went: readonly number[], windowMs: number) =>
  Math.max(...went.map((start) => went.filter((at) => at >= start && at < start + windowMs).length));

describe('InProcessPace', () => {
  it('lets no more than the limit through in any sliding second, whenever they come, and not much less', async () => {
    const time = new MovedTime();
    const pace = new InProcessPace(LIMITS, time);
    const went: number[] = [];
    for (let i = 0; i < 450; i++) {
      if (i === 60) time.at += 990; // the turn of a fixed window, where twice the limit would pass
      await pace.take('a', ['sends'], Infinity);
      went.push(time.at);
    }
    expect(most(went, 1000)).toBe(100);
    expect(went.at(-1)).toBeLessThanOrEqual(6000);
  });

  it('counts audio and video as sends too, ten a second', async () => {
    const time = new MovedTime();
    const pace = new InProcessPace(LIMITS, time);
    const went: number[] = [];
    for (let i = 0; i < 35; i++) {
      await pace.take('a', ['media', 'sends'], Infinity);
      went.push(time.at);
    }
    expect(most(went, 1000)).toBe(10);
    const before = time.at;
    for (let i = 0; i < 100; i++) await pace.take('a', ['sends'], Infinity);
    expect(time.at).toBeGreaterThan(before);
  });

  it('refuses what would wait longer than its caller, says how long, and counts nothing for it', async () => {
    const time = new MovedTime();
    const pace = new InProcessPace(LIMITS, time);
    for (let i = 0; i < 750; i++) expect(await pace.take('a', ['private_replies', 'sends'], HOUR_MS)).toMatchObject({ granted: true });
    const spent = time.at;
    const refused = await pace.take('a', ['private_replies', 'sends'], 3000);
    expect(refused).toMatchObject({ granted: false });
    if (!refused.granted) expect(refused.retryAfterMs).toBeGreaterThan(HOUR_MS - spent - 1);
    expect(time.at).toBe(spent);
    // A text does not wait for the private replies' hour, nor for what was refused.
    expect(await pace.take('a', ['sends'], 2000)).toMatchObject({ granted: true });
    time.at = HOUR_MS + 1000;
    expect(await pace.take('a', ['private_replies', 'sends'], 0)).toMatchObject({ granted: true });
  });

  it('counts no longer what is given back, and nothing else', async () => {
    const time = new MovedTime();
    const pace = new InProcessPace({ ...LIMITS, private_replies: { most: 2, windowMs: HOUR_MS } }, time);
    const take = () => pace.take('a', ['private_replies', 'sends'], 0);
    const first = await take();
    time.at += 10_000;
    await take();
    if (first.granted) first.giveBack();
    if (first.granted) first.giveBack();
    expect(await take()).toMatchObject({ granted: true });
    expect(await take()).toEqual({ granted: false, retryAfterMs: HOUR_MS });
  });

  it('gives back the kinds that are named alone, of those it was counted as', async () => {
    const one = { most: 1, windowMs: 1000 };
    const pace = new InProcessPace({ ...LIMITS, private_replies: one, sends: one }, new MovedTime());
    const pass = await pace.take('a', ['private_replies', 'sends'], 0);
    if (pass.granted) pass.giveBack(['private_replies', 'lookups']);
    expect((await pace.take('a', ['sends'], 0)).granted).toBe(false);
    expect((await pace.take('a', ['private_replies'], 0)).granted).toBe(true);
  });

  it('gives nobody a pass whose patience ended in the line', async () => {
    const time = new MovedTime();
    const pace = new InProcessPace({ ...LIMITS, sends: { most: 1, windowMs: 1000 } }, time);
    const passes = await Promise.all([1, 2, 3].map(() => pace.take('a', ['sends'], 1500)));
    expect(passes.map((pass) => pass.granted)).toEqual([true, true, false]);
  });

  it('keeps accounts apart', async () => {
    const pace = new InProcessPace({ ...LIMITS, sends: { most: 1, windowMs: 1000 } }, new MovedTime());
    expect(await pace.take('a', ['sends'], 0)).toMatchObject({ granted: true });
    expect(await pace.take('b', ['sends'], 0)).toMatchObject({ granted: true });
    expect((await pace.take('a', ['sends'], 0)).granted).toBe(false);
  });
});
