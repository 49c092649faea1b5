/** The most there were in any window of this length; times in milliseconds, in order. */
export function mostIn(windowMs: number, times: readonly number[]): number {
  let from = 0;
  let most = 0;
  for (const [index, at] of times.entries()) {
    while ((times[from] ?? at) <= at - windowMs) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

export { watchLateness } from './lateness.mjs';
