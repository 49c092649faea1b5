import type { StoredTokenStatus } from '../../accounts/index.js';

const DAY_MS = 24 * 60 * 60_000;
/** Ten days of tries, should Meta or this service be away. */
export const REFRESH_BEFORE_END_MS = 10 * DAY_MS;
/** Meta refreshes no younger one. */
export const REFRESHABLE_AFTER_MS = DAY_MS;
/** What Meta gives a long-lived token. */
const LIFE_MS = 60 * DAY_MS;

export interface TokenState {
  readonly status: StoredTokenStatus;
  /** Null: not known. */
  readonly expiresAt: Date | null;
  /** Since when it is here, at the latest: it may be older. */
  readonly storedAt: Date;
}

export type TokenPlan =
  | { readonly kind: 'refresh' }
  /** Ask Graph whether it is accepted: nobody has, or it was not the last time, or its time is over. */
  | { readonly kind: 'check' }
  | { readonly kind: 'wait'; readonly until: Date };

/**
 * Pure. One that ends on a known day is refreshed from ten days before. One of which that is not known is refreshed once,
 * as soon as it is old enough: that is how its end is learnt, and it might be close.
 */
export function planToken(token: TokenState, now: Date): TokenPlan {
  if (token.status !== 'valid') return { kind: 'check' };
  const { expiresAt } = token;
  // An ended one cannot be refreshed; should the date be a person's mistake, Graph knows.
  if (expiresAt !== null && expiresAt <= now) return { kind: 'check' };
  const wanted = expiresAt === null ? 0 : expiresAt.getTime() - REFRESH_BEFORE_END_MS;
  const at = Math.max(wanted, refreshableFrom(token));
  if (at <= now.getTime()) return { kind: 'refresh' };
  return { kind: 'wait', until: new Date(expiresAt === null ? at : Math.min(at, expiresAt.getTime())) };
}

/** A day after it came here, or earlier where its end tells that it is older. */
function refreshableFrom({ storedAt, expiresAt }: TokenState): number {
  const hereSince = storedAt.getTime();
  const issuedAt = expiresAt === null ? hereSince : Math.min(hereSince, expiresAt.getTime() - LIFE_MS);
  return issuedAt + REFRESHABLE_AFTER_MS;
}
