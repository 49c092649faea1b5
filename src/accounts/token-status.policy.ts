import type { StoredTokenStatus, TokenStatus } from './account.js';

const DAY = 24 * 60 * 60 * 1000;
export const EXPIRING_WITHIN_MS = 7 * DAY;

/**
 * A token that Graph accepted counts as expiring in its last seven days, and stays so past its date until Graph refuses
 * it: the date was typed in by a person, Graph's word is evidence.
 */
export function tokenStatusAt(now: Date, stored: StoredTokenStatus, expiresAt: Date | null): TokenStatus {
  if (stored !== 'valid' || expiresAt === null) return stored;
  return expiresAt.getTime() - now.getTime() < EXPIRING_WITHIN_MS ? 'expiring' : 'valid';
}
