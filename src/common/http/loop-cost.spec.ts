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

  /** So many were in hand, for so long, and were then answered in one go; it ends with the next one that comes. */
  const window = (cost: LoopCost, inHand: number, { forMs = WINDOW_MS, refused = 0 } = {}) => {
    for (let i = 0; i < refused; i++) cost.noteRefused();
    now += WINDOW_MS - forMs;
    cost.noteTaken(inHand);
    now += forMs;
    for (let left = inHand - 1; left >= 0; left--) cost.noteAnswered(left);
    cost.noteTaken(0);
  };

  it('is what a busy window took for each that was answered, also in one go; a refused one is a quarter', () => {
    const cost = new LoopCost();
    window(cost, 250);
    expect(cost.ms).toBeCloseTo(WINDOW_MS / 250);
    window(cost, 200, { refused: 400 });
    expect(cost.ms).toBeCloseTo(WINDOW_MS / 300);
  });

  it('counts each with the time that was spent on it, however they differ, and whatever is refused meanwhile', () => {
    const cost = new LoopCost();
    window(cost, 60);
    expect(cost.ms).toBeCloseTo(WINDOW_MS / 60);
    cost.noteTaken(1_500);
    now += 3 * WINDOW_MS;
    cost.noteRefused();
    for (let left = 1_499; left >= 0; left--) cost.noteAnswered(left);
    cost.noteTaken(0);
    // (The loop's use is a fake here: a window's, however long it is.)
    expect(cost.ms).toBeCloseTo(WINDOW_MS / (1_500 + 1 / 4));
  });

  it('is halved where all are refused, and forgotten after a long time without', () => {
    const cost = new LoopCost();
    window(cost, 250);
    const measured = cost.ms;
    now += 2_100;
    cost.noteRefused();
    expect(cost.ms).toBeCloseTo(measured / 2);
    now += 3_600_000;
    cost.noteTaken(1);
    expect(cost.ms).toBe(0);
  });

  it('is not measured by a burst in a loop that is busy otherwise, by few, or where the loop is not busy; what was measured counts less and less', () => {
    const cost = new LoopCost();
    window(cost, 110, { forMs: 20 });
    window(cost, 49);
    expect(cost.ms).toBe(0);
    window(cost, 250);
    const measured = cost.ms;
    window(cost, 250, { forMs: 20 });
    expect(cost.ms).toBeCloseTo(measured / 2);
    utilization = 0.8;
    window(cost, 250);
    expect(cost.ms).toBeCloseTo(measured / 4);
  });
});
