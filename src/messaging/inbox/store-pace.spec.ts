import { describe, expect, it } from '@jest/globals';
import { StorePace } from './store-pace.js';

const PER_GROUP = 2000;

/** A pace that has seen commits of this length. */
function after(ms: number, events = 10, times = 10): StorePace {
  const pace = new StorePace();
  for (let i = 0; i < times; i++) pace.begin(events, 0)(ms);
  return pace;
}

describe('how long a delivery would wait for its commit', () => {
  it('is nothing while nothing is being committed, however slow the last ones were', () => {
    expect(after(4000).expectedWaitMs(0, PER_GROUP, 0)).toBe(0);
  });

  it('is the rest of the commit under way and its own', () => {
    const pace = after(100);
    pace.begin(10, 1000);
    expect(pace.expectedWaitMs(0, PER_GROUP, 1000)).toBeCloseTo(200, -1);
    expect(pace.expectedWaitMs(1999, PER_GROUP, 1080)).toBeCloseTo(120, -1);
  });

  it('grows with the groups that wait before it, at the rate at which large groups went through', () => {
    const pace = after(400, 2000);
    pace.begin(2000, 0);
    expect(pace.expectedWaitMs(10_000, PER_GROUP, 0)).toBeCloseTo(400 + 5 * 400 + 400, -1);
  });

  it('a commit that takes longer than usual is expected to take as long again', () => {
    const pace = after(10);
    pace.begin(10, 0);
    expect(pace.expectedWaitMs(0, PER_GROUP, 3000)).toBeGreaterThan(3000);
  });

  it('a stall is forgotten after a few quick commits', () => {
    const pace = after(10);
    pace.begin(10, 0)(60_000);
    for (let i = 0; i < 4; i++) pace.begin(10, 0)(10);
    pace.begin(10, 0);
    expect(pace.expectedWaitMs(0, PER_GROUP, 0)).toBeLessThan(500);
  });
});

it('a wait for somebody else’s lock says nothing about the database’s pace', () => {
  const pace = new StorePace();
  pace.begin(10, 0)(3_000, false);
  pace.begin(10, 3_000);
  expect(pace.expectedWaitMs(0, PER_GROUP, 3_001)).toBeLessThan(10);
});
