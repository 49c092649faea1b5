const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long to wait after each failed attempt; after the last one the event is dead. */
const DELAYS_MS = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE] as const;

/** When to try again after `failures` failed attempts; null: never by itself. */
export function nextAttempt(failures: number, now: Date): Date | null {
  const delay = DELAYS_MS[failures - 1];
  return delay === undefined ? null : new Date(now.getTime() + delay);
}
