import { setTimeout as delay } from 'node:timers/promises';

export class OutOfPatienceError extends Error {}

/** The work's result, or `OutOfPatienceError` after `milliseconds`. The work itself goes on: it cannot be stopped. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = delay(milliseconds, undefined, { signal: abort.signal, ref: false }).then(() => {
    throw new OutOfPatienceError();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    abort.abort();
    late.catch(() => undefined);
  }
}
