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

  it('counts what went out in the hour before this process, asked once, and keeps nothing else waiting for that', async () => {
    const time = new MovedTime();
    const asked: string[] = [];
    let tell: (ages: readonly number[]) => void = () => undefined;
    const former = {
      agesOf: async (accountId: string, windowMs: number) => {
        asked.push(`${accountId} ${String(windowMs)}`);
        return await new Promise<readonly number[]>((resolve) => (tell = resolve));
      },
    };
    const pace = new InProcessPace({ ...LIMITS, private_replies: { most: 3, windowMs: HOUR_MS } }, time, former);
    const reply = (account = 'a') => pace.take(account, ['private_replies', 'sends'], 0);
    const waiting = [reply(), reply()];
    expect(await pace.take('a', ['sends'], 0)).toMatchObject({ granted: true });
    tell([HOUR_MS - 60_000, 10_000]);
    expect(await Promise.all(waiting)).toEqual([{ granted: true, giveBack: expect.any(Function) }, { granted: false, retryAfterMs: 60_000 }]);
    time.at += 60_000;
    expect((await reply()).granted).toBe(true);
    expect((await reply()).granted).toBe(false);
    expect(asked).toEqual([`a ${String(HOUR_MS)}`]);
    // After an hour it has seen everything itself.
    time.at += HOUR_MS;
    expect((await reply('b')).granted).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('gives nobody a pass whose patience ended while the hour before was read', async () => {
    const time = new MovedTime();
    const pace = new InProcessPace(LIMITS, time, { agesOf: async () => ((time.at += 5_000), []) });
    expect((await pace.take('a', ['private_replies', 'sends'], 3_000)).granted).toBe(false);
    expect((await pace.take('a', ['private_replies', 'sends'], 3_000)).granted).toBe(true);
  });

  it('keeps accounts apart', async () => {
    const pace = new InProcessPace({ ...LIMITS, sends: { most: 1, windowMs: 1000 } }, new MovedTime());
    expect(await pace.take('a', ['sends'], 0)).toMatchObject({ granted: true });
    expect(await pace.take('b', ['sends'], 0)).toMatchObject({ granted: true });
    expect((await pace.take('a', ['sends'], 0)).granted).toBe(false);
  });
});
