import type { LimitSettings } from '../../config/index.js';
import type { PaceKind } from './pace.port.js';

export interface PaceLimit {
  readonly most: number;
  readonly windowMs: number;
}

export type PaceLimits = Readonly<Record<PaceKind, PaceLimit>>;

/**
 * Meta counts when a call arrives, not when it leaves: by this much longer than its own are our windows, so that a call
 * that was held up on its way, followed by one that was not, still fits.
 */
const JITTER_MS = 100;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

export function paceLimits(settings: LimitSettings): PaceLimits {
  const second = SECOND_MS + JITTER_MS;
  return {
    sends: { most: settings.sendsPerSecond, windowMs: second },
    media: { most: settings.mediaPerSecond, windowMs: second },
    lookups: { most: settings.lookupsPerSecond, windowMs: second },
    private_replies: { most: settings.privateRepliesPerHour, windowMs: HOUR_MS + JITTER_MS },
  };
}
