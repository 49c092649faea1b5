import { beforeAll, it } from '@jest/globals';

/**
 * Tests that wait most of their time: all of them begin at once when the suite does, after the `beforeAll`s declared before, and
 * each is reported by itself. So none may count on another, nor on being alone.
 * @param longestMs what all of them may take together; `longest-first.cjs` reads it where it is called
 * @returns declares one, like `it`
 */
export function together(longestMs: number): (name: string, play: () => Promise<void>) => void {
  const plays = new Map<string, () => Promise<void>>();
  const played = new Map<string, Promise<PromiseSettledResult<void>>>();

  beforeAll(() => {
    for (const [name, play] of plays) played.set(name, Promise.allSettled([play()]).then(([result]) => result));
  });

  return (name, play) => {
    if (plays.has(name)) throw new Error(`"${name}" stands there twice`);
    plays.set(name, play);
    it(name, async () => {
      const result = await played.get(name);
      if (result?.status !== 'fulfilled') throw new Error(name, { cause: result?.reason });
    }, longestMs);
  };
}
