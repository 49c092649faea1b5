// @ts-check
const EVERY_MS = 5;

/**
 * From now on: how this process keeps up with what it is to do. Ends with the first question, which must be the last.
 * @returns {{ worst: () => number, earliest: () => (at: number) => number }} `worst`: how late it got to something at worst, in
 * milliseconds. `earliest`: of a moment as Date has it, when what was noted then may have come at the earliest.
 */
function watch() {
  const turns = [Date.now()];
  const timer = setInterval(() => turns.push(Date.now()), EVERY_MS);
  return {
    worst: () => {
      clearInterval(timer);
      let worst = 0;
      for (const [index, turn] of turns.entries()) worst = Math.max(worst, turn - (turns[index - 1] ?? turn) - EVERY_MS);
      return worst + 1;
    },
    earliest: () => {
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
    },
  };
}

/**
 * From now on: how late, at worst, this process got to what it was to do. Ends with the question. What is noted at a moment
 * came up to so much earlier: a window is sure to hold so much less than its length.
 * @returns {() => number}
 */
export function watchLateness() {
  return watch().worst;
}

/**
 * From now on: when what this process notes may have come at the earliest. Ends with the question.
 * @returns {() => (at: number) => number} of a time noted, in milliseconds as Date has them
 */
export function watchTurns() {
  return watch().earliest;
}
