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

/**
 * From now on: when what this process notes may have come at the earliest. Ends with the question.
 * @returns {() => (at: number) => number} of a time noted, in milliseconds as Date has them
 */
export function watchTurns() {
  const turns = [Date.now()];
  const timer = setInterval(() => turns.push(Date.now()), 5);
  return () => {
    clearInterval(timer);
    // What came before a turn was noted before the next one ended, so it came after the turn before the last.
    return (at) => {
      let low = 0;
      let high = turns.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((turns[middle] ?? 0) <= at) low = middle + 1;
        else high = middle;
      }
      // Of what was before, nothing is known.
      return low === 0 ? at : (turns[Math.max(0, low - 2)] ?? at);
    };
  };
}
