/**
 * The most there were in any window of this length; times in milliseconds, in order.
 * @param earliest of what was noted at a time, when it may have come at the earliest: only what was surely in a window counts
 */
export function mostIn(windowMs: number, times: readonly number[], earliest: (at: number) => number = (at) => at): number {
  let from = 0;
  let most = 0;
  for (const [index, at] of times.entries()) {
    while (from < index && earliest(times[from] ?? at) <= at - windowMs) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

export { watchLateness, watchTurns } from './lateness.mjs';
