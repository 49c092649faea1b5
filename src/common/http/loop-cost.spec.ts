import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { performance } from 'node:perf_hooks';
import { LoopCost } from './loop-cost.js';

const WINDOW_MS = 500;

describe('what a delivery costs the event loop', () => {
  let now = 0;
  let utilization = 1;
  beforeEach(() => {
    [now, utilization] = [0, 1];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(performance, 'eventLoopUtilization').mockImplementation(() => ({ active: WINDOW_MS * utilization, idle: WINDOW_MS * (1 - utilization), utilization }));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** A window in which these were in hand, each when one was answered. */
  const window = (cost: LoopCost, inHand: readonly number[], refused = 0) => {
    for (let i = 0; i < refused; i++) cost.noteRefused();
    inHand.forEach((count, i) => {
      if (i === inHand.length - 1) now += WINDOW_MS;
      cost.note(count);
    });
  };
  const downFrom = (most: number) => Array.from({ length: most }, (_, i) => most - 1 - i);

  it('is what a busy window took for each that was answered, a refused one being a quarter', () => {
    const cost = new LoopCost();
    window(cost, Array<number>(400).fill(200));
    expect(cost.ms).toBeCloseTo(WINDOW_MS / 400);
    window(cost, Array<number>(300).fill(200), 400);
    expect(cost.ms).toBeCloseTo(WINDOW_MS / 400);
  });

  it('is measured also where all that are in hand are answered in one go', () => {
    const cost = new LoopCost();
    window(cost, downFrom(250));
    expect(cost.ms).toBeCloseTo(WINDOW_MS / 250);
  });

  it('is not measured with few in hand, or a loop that is not busy, and what was measured last counts less and less', () => {
    const cost = new LoopCost();
    window(cost, downFrom(80));
    expect(cost.ms).toBe(0);
    window(cost, downFrom(250));
    const measured = cost.ms;
    window(cost, Array<number>(100).fill(20));
    expect(cost.ms).toBeCloseTo(measured / 2);
    utilization = 0.8;
    window(cost, downFrom(250));
    expect(cost.ms).toBeCloseTo(measured / 4);
  });
});
