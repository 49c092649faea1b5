import { expect } from '@jest/globals';
import type { Dialect, TransactionRunner, Tx } from '../../src/database/index.js';
import { Handlers } from './handlers.js';

/** Of the sort a question may touch: what it gives, and the front of a queue; never a part of the large table. */
export const MOST_ROWS_READ = 3_000;
/** SQLite does not count them: there the same question meets a small table as well, and must not be much quicker. */
const MUCH_QUICKER = 3;
const TIMES = { counted: 5, timed: 15 };

/** Asks in a transaction that is undone: each question meets the same rows. @returns how many were read, where the server counts them */
export async function rowsRead({ transactions, dialect }: { transactions: TransactionRunner; dialect: Dialect }, ask: (tx: Tx) => Promise<unknown>): Promise<number> {
  const handlers = new Handlers(dialect);
  const undo = new Error('undone');
  let read = 0;
  await transactions.run(async (tx) => {
    const count = async () => (dialect.isSqlite ? 0 : await handlers.read(tx));
    const before = await count();
    const itself = (await count()) - before;
    await ask(tx);
    read = (await count()) - before - 2 * itself;
    throw undo;
  }).catch((error: unknown) => {
    if (error !== undo) throw error;
  });
  return read;
}

/**
 * @param large asks where there is much, and gives the rows read
 * @param small on SQLite: asks the same where there is little
 */
export async function expectFlat(large: () => Promise<number>, small?: () => Promise<unknown>): Promise<void> {
  if (small === undefined) {
    let least = Infinity;
    for (let times = 0; times < TIMES.counted; times++) least = Math.min(least, await large());
    expect(least).toBeLessThan(MOST_ROWS_READ);
  } else {
    const [much = 0, little = 0] = await leastProcessorTime([large, small]);
    expect(much).toBeLessThan(little * MUCH_QUICKER);
  }
}

/** Milliseconds of this process, measured in turn: to be compared with each other, since machines differ, and one from hour to hour. */
async function leastProcessorTime(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const least = works.map(() => Infinity);
  for (let times = 0; times < TIMES.timed; times++) {
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
