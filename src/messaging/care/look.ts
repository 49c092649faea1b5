import type { CareResult, ClaimedCare } from '../../accounts/index.js';
import type { CareOutcome } from '../../common/telemetry.js';
import type { AccountTrouble } from '../graph/account-trouble.js';
import { nextLookAt, retryAt } from './care.policy.js';

/** What one look came to, and how the task goes on. */
export interface Look extends CareResult {
  readonly outcome: CareOutcome;
}

/** All is well: `problem` is then something to know, not something that fails. */
export function well(claim: ClaimedCare, now: Date, more: Partial<Look> = {}): Look {
  return { outcome: 'fine', dueAt: nextLookAt(claim.task, now, Math.random()), failures: 0, problem: null, ...more };
}

/** Nothing to look after for now. */
export function idle(now: Date): Look {
  return { outcome: 'fine', dueAt: nextLookAt('idle', now, Math.random()), failures: 0, problem: null, detail: null };
}

export function failing(claim: ClaimedCare, now: Date, problem: string, trouble?: AccountTrouble): Look {
  const failures = claim.failures + 1;
  const retryAfterMs = trouble?.kind === 'unanswered' ? trouble.retryAfterMs : null;
  return { outcome: 'failed', dueAt: retryAt(now, failures, retryAfterMs, Math.random()), failures, problem };
}
