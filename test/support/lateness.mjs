// @ts-check
/**
 * From now on: how late, at worst, this process got to what it was to do. Ends with the question. What is noted at a moment
 * came up to so much earlier: a window is sure to hold so much less than its length.
 * @returns {() => number}
 */
export function watchLateness() {
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
