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

/**
 * From now on: how late, at worst, this process got to what it was to do. Ends with the question. What is noted at a moment
 * came up to so much earlier: a window is sure to hold so much less than its length.
 */
export function watchLateness(): () => number {
  const every = 5;
  let worst = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - every);
    last = now;
  }, every);
  return () => {
    clearInterval(timer);
    return Math.ceil(worst);
  };
}
