const TIMES = 15;

/**
 * Milliseconds of this process that each takes at best, measured in turn: to be compared with each other, never with a number,
 * since machines differ, and one machine from hour to hour.
 */
export async function leastProcessorTime(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const least = works.map(() => Infinity);
  for (let times = 0; times < TIMES; times++) {
    for (const [i, work] of works.entries()) {
      const before = process.cpuUsage();
      await work();
      // Both: Linux tells how it divides them by samples only, and their sum exactly.
      const { user, system } = process.cpuUsage(before);
      least[i] = Math.min(least[i] ?? Infinity, (user + system) / 1000);
    }
  }
  return least;
}
