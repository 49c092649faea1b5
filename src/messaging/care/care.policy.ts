/** The numbers of looking after accounts, and what follows from them. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Longer than one look can take, with every call in it timing out. */
export const CLAIM_MS = 2 * MINUTE_MS;
/** A call that has not begun by then is not made: the claim may end before its answer. */
export const CALLS_WITHIN_MS = MINUTE_MS;

/**
 * Meta unsubscribes an account after an hour of failed deliveries. Looked at every hour, an account whose service was away
 * for that long is due when it comes back.
 */
const SUBSCRIPTION_EVERY_MS = HOUR_MS;
/** Mostly a look at a date; one that is not accepted is asked about again, since its owner may have set it right. */
const TOKEN_EVERY_MS = 6 * HOUR_MS;
/** Nothing to do: somebody else's subscription, an account that has gone. */
const IDLE_EVERY_MS = DAY_MS;
/** Stored credentials that do not open: asking again asks Meta at most whether a token is good whose date is over, and there is an hour before it unsubscribes the account. */
const UNREADABLE_EVERY_MS = 5 * MINUTE_MS;
const RETRY_AFTER_MS = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS];

const EVERY_MS = { token: TOKEN_EVERY_MS, subscription: SUBSCRIPTION_EVERY_MS, idle: IDLE_EVERY_MS, unreadable: UNREADABLE_EVERY_MS } as const;

/** When to look again when there is nothing to wait longer for; `random` in [0, 1) keeps accounts added together from being due together. */
export function nextLookAt(task: keyof typeof EVERY_MS, now: Date, random: number): Date {
  return new Date(now.getTime() + spread(EVERY_MS[task], random));
}

/** When to try again after so many failures in a row. What Graph asks for is kept to. */
export function retryAt(now: Date, failures: number, retryAfterMs: number | null, random: number): Date {
  const base = RETRY_AFTER_MS[Math.min(failures, RETRY_AFTER_MS.length) - 1] ?? MINUTE_MS;
  return new Date(now.getTime() + Math.max(spread(base, random), Math.min(retryAfterMs ?? 0, DAY_MS)));
}

function spread(ms: number, random: number): number {
  return Math.round(ms * (0.8 + random * 0.4));
}
