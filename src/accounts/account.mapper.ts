import { DEFAULT_SETTINGS, type Account, type AccountSettings, type SendingPause } from './account.js';
import type { AccountEntity } from './account.entity.js';
import { tokenStatusAt } from './token-status.policy.js';

export function accountFrom(row: AccountEntity, now: Date): Account {
  return {
    id: row.id,
    username: row.username,
    status: row.status,
    settings: settingsFrom(row),
    tokenStatus: tokenStatusAt(now, row.tokenStatus, row.tokenExpiresAt),
    tokenExpiresAt: row.tokenExpiresAt,
    sendingPausedUntil: row.sendingPausedUntil,
    sendingPausedReason: row.sendingPausedReason,
    tokenStoredAt: row.tokenStoredAt ?? row.updatedAt,
    manageSubscription: row.subscriptionUnmanaged !== true,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** The pause that holds at `now`. */
export function sendingPauseAt(
  row: Pick<AccountEntity, 'sendingPausedUntil' | 'sendingPausedReason'>, now: Date,
): SendingPause | null {
  const { sendingPausedUntil: until, sendingPausedReason: reason } = row;
  return until === null || until <= now ? null : { until, reason: reason ?? 'Instagram asks for a pause.' };
}

export function settingsFrom(row: AccountEntity): AccountSettings {
  return {
    replyMaxAgeMinutes: row.replyMaxAgeMinutes,
    takeoverMinutes: row.takeoverMinutes,
    optOutWords: wordsOf(row.optOutWords),
    optInWords: wordsOf(row.optInWords),
    optOutConfirmation: row.optOutConfirmation,
    optInConfirmation: row.optInConfirmation,
    maxAutomaticTurns: row.maxAutomaticTurns,
  };
}

type SettingsColumns = Pick<
  AccountEntity,
  | 'replyMaxAgeMinutes' | 'takeoverMinutes' | 'optOutWords' | 'optInWords' | 'optOutConfirmation' | 'optInConfirmation'
  | 'maxAutomaticTurns'
>;

/** Settings that are absent keep their value in `base`. */
export function settingsColumns(given: Partial<AccountSettings> = {}, base: AccountSettings = DEFAULT_SETTINGS): SettingsColumns {
  return {
    replyMaxAgeMinutes: given.replyMaxAgeMinutes ?? base.replyMaxAgeMinutes,
    takeoverMinutes: given.takeoverMinutes ?? base.takeoverMinutes,
    optOutWords: JSON.stringify(given.optOutWords ?? base.optOutWords),
    optInWords: JSON.stringify(given.optInWords ?? base.optInWords),
    // Null is a value here: back to our own words.
    optOutConfirmation: given.optOutConfirmation === undefined ? base.optOutConfirmation : given.optOutConfirmation,
    optInConfirmation: given.optInConfirmation === undefined ? base.optInConfirmation : given.optInConfirmation,
    maxAutomaticTurns: given.maxAutomaticTurns ?? base.maxAutomaticTurns,
  };
}

export function wordsOf(json: string): string[] {
  return JSON.parse(json) as string[];
}
