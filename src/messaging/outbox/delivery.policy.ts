import { isText } from './message-content.js';
import type { OutboxMessage } from './outbox-message.js';

/** The numbers of sending, and what follows from them. Times in milliseconds. */

/**
 * How many sends of an account may be under way or uncertain at once. Should all of them time out (10 s) and not be
 * found, two look-ups of each at two a second take this many seconds: together under 45 s.
 */
export const MOST_UNSETTLED = 32;
/** A claim that could not be called for this long is given back: others reckon from the claim when the call can have been. */
export const CLAIM_GOOD_FOR_MS = 3_000;
/** A process that stood still with a claim in hand does not call later than this: others hold it for uncalled from then on. */
export const CALLED_WITHIN_MS = CLAIM_GOOD_FOR_MS + 2_000;
/** How long an account that may not send is left alone. */
export const STOPPED_PAUSE_MS = 3_000;
/** A send that is due later than this without a call was put off by an hour's limit, or put aside: a typing sign is shorter. */
export const LONGEST_DELAY_MS = 60_000;
/** What waits for an hour's limit comes back spread over this, not all at once for the one place that is free. */
const SPREAD_MS = 5 * 60_000;
/** A claim (5 s), the call's time-out (10 s) and time to record: after this, whoever claimed it is dead. */
export const LOST_AFTER_MS = 20_000;
/** Absence counts 10 s after the call. */
export const ABSENCE_COUNTS_AFTER_MS = CALLED_WITHIN_MS + 10_000;
export const LOOKUPS_UNTIL_ABSENT = 2;
const FIRST_LOOKUP_AFTER_MS = 500;
export const BETWEEN_LOOKUPS_MS = 3_000;
/** A look-up that was not answered is tried again, less often as time goes by, until no evidence is to be expected. */
const LOOKUP_RETRY_MS = { first: 8_000, last: 30_000 };
export const NO_EVIDENCE_AFTER_MS = 15 * 60_000;
/** Meta's clock and ours, and its times without milliseconds. */
export const CLOCK_TOLERANCE_MS = 5_000;

export const MOST_ATTEMPTS = 5;
const BACKOFF_MS = [1_000, 4_000, 15_000, 60_000];
/** However long Graph asks to be left alone, it is tried again after this. */
export const LONGEST_PAUSE_MS = 24 * 60 * 60_000;

/** Until when an account is left alone that Graph has asked to be, from now on. */
export function pauseEnd(now: Date, forMs: number): Date {
  return new Date(now.getTime() + Math.min(forMs, LONGEST_PAUSE_MS));
}

const UNREACHED_RETRY_MS = { first: 1_000, last: 60_000 };
/** What has no end to its time is given up all the same when Graph could not be reached for so long. */
const UNREACHED_FOR_MS = 24 * 60 * 60_000;

/** How long to wait after the given number of attempts; `random` in [0, 1) spreads retries that failed together. */
export function backoffMs(attempts: number, random: number): number {
  const base = BACKOFF_MS[Math.min(attempts, BACKOFF_MS.length) - 1] ?? BACKOFF_MS[0] ?? 1_000;
  return spread(base, random);
}

/**
 * How long to wait where Graph could not be reached: such tries are not counted, so as long again as the message has
 * waited already. Null: it is given up.
 */
export function unreachedRetryMs({ createdAt, sendBefore }: Pick<OutboxMessage, 'createdAt' | 'sendBefore'>, now: Date, random: number): number | null {
  const ageMs = now.getTime() - createdAt.getTime();
  if (sendBefore === null && ageMs >= UNREACHED_FOR_MS) return null;
  const { first, last } = UNREACHED_RETRY_MS;
  return spread(Math.min(last, Math.max(first, ageMs)), random);
}

function spread(ms: number, random: number): number {
  return Math.round(ms * (0.75 + random / 2));
}

/** When a send that the account's pace did not let go is due again; `random` in [0, 1). */
export function comeBackAfterMs(waitMs: number, random: number): number {
  return Math.round(waitMs > CLAIM_GOOD_FOR_MS ? waitMs + random * SPREAD_MS : waitMs);
}

/**
 * When to look an uncertain send up (again). Once the second look-up is due, it waits until absence counts.
 * @param pauseMs from now; by default the echo is given time to make the first look-up needless
 */
export function nextLookupAt(
  now: Date, attemptedAt: Date, lookups: number, pauseMs = lookups === 0 ? FIRST_LOOKUP_AFTER_MS : BETWEEN_LOOKUPS_MS,
): Date {
  const soon = now.getTime() + pauseMs;
  const counts = attemptedAt.getTime() + ABSENCE_COUNTS_AFTER_MS;
  return new Date(lookups + 1 >= LOOKUPS_UNTIL_ABSENT ? Math.max(soon, counts) : soon);
}

/** When to ask again after a look-up that told nothing; not after the time at which it is given up. */
export function unansweredRetryAt(now: Date, givesUpAt: Date, retryAfterMs: number | null): Date {
  const { first, last } = LOOKUP_RETRY_MS;
  const waited = NO_EVIDENCE_AFTER_MS - (givesUpAt.getTime() - now.getTime());
  const patience = Math.max(Math.min(last, Math.max(first, waited / 4)), retryAfterMs ?? 0);
  return new Date(Math.max(now.getTime() + first, Math.min(now.getTime() + patience, givesUpAt.getTime())));
}

/**
 * Since when a message can be this send's. Of its calls only the latest is noted, and one before may have delivered it although
 * Instagram refused it: since it was queued, then, but where hardly anything tells two messages apart.
 */
export function mayHaveGoneSince({ attempts, createdAt, request }: Pick<OutboxMessage, 'attempts' | 'createdAt' | 'request'>, attemptedAt: Date): Date {
  return attempts > 1 && isText(request) ? createdAt : attemptedAt;
}

/** Whether look-ups that did not find the message prove that it was not delivered. */
export function provesAbsence(lookups: number, lookedUpAt: Date, attemptedAt: Date): boolean {
  return lookups >= LOOKUPS_UNTIL_ABSENT && lookedUpAt.getTime() - attemptedAt.getTime() >= ABSENCE_COUNTS_AFTER_MS;
}
