import { AppError } from '../../common/errors.js';

/** Meta gives up, and in the end drops a subscriber, after five seconds; the answer still has to get there. */
const MOST_MS = 3_500;
const COME_BACK_SECONDS = 2;

/**
 * `work`, or an `unavailable` AppError when it takes longer than a delivery may. The work is not broken off: if it stores
 * the delivery after all, Meta's next attempt finds it stored.
 * @param startedAt of `performance.now()`
 */
export async function inTime<T>(work: Promise<T>, startedAt: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new AppError('unavailable', 'too_late', 'It takes too long at the moment; deliver it again later', [], undefined, COME_BACK_SECONDS));
    }, startedAt + MOST_MS - performance.now());
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
