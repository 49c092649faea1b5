import type { AccountChanges, AccountSettings, CredentialFields } from './account.js';
import { CARE_TASKS, type CareTask } from './account-care.js';
import { CREDENTIAL_NAMES } from './account-credentials.js';
import type { AccountEntity } from './account.entity.js';
import { settingsColumns, settingsFrom } from './account.mapper.js';
import { CredentialsNotWholeError } from './accounts.errors.js';

export interface RowChanges {
  readonly columns: Partial<AccountEntity>;
  /** All credentials as they are to be, where one of them changes. */
  readonly credentials: CredentialFields | null;
  /** What is looked after and must be looked at anew: what is known of it no longer holds. */
  readonly restarted: readonly CareTask[];
  /** For the audit trail: of a secret only that it changed. Empty: nothing changes. */
  readonly audited: Record<string, unknown>;
}

/**
 * Pure: what a PATCH changes of a row. What is given but is so already is no change.
 * @param plain those of the stored credentials that open
 * @throws CredentialsNotWholeError when one is given, and one that does not open is not
 */
export function changesOf(row: AccountEntity, plain: Partial<CredentialFields>, given: AccountChanges): RowChanges {
  const columns: Partial<AccountEntity> = {};
  const audited: Record<string, unknown> = {};
  if (given.username !== undefined && given.username !== row.username) {
    columns.username = given.username;
    audited['username'] = { from: row.username, to: given.username };
  }
  const managed = row.subscriptionUnmanaged !== true;
  if (given.manageSubscription !== undefined && given.manageSubscription !== managed) {
    columns.subscriptionUnmanaged = !given.manageSubscription;
    audited['manageSubscription'] = { from: managed, to: given.manageSubscription };
  }
  if (given.status !== undefined && given.status !== row.status) {
    columns.status = given.status;
    audited['status'] = { from: row.status, to: given.status };
  }
  const credentials = credentialsAfter(row.id, plain, given);
  const changedSecrets = credentials ? CREDENTIAL_NAMES.filter((name) => credentials[name] !== plain[name]) : [];
  for (const name of changedSecrets) audited[name] = 'changed';
  const newToken = changedSecrets.includes('accessToken');
  if (newToken) {
    // Nothing is known of it yet, and the former one's date is not its date.
    columns.tokenStatus = 'unknown';
    columns.tokenCheckedAt = null;
  }
  // Whoever says "active" or brings a token has seen to it: what Graph thinks of that is found out at once.
  if (row.sendingPausedUntil !== null && (given.status === 'active' || given.accessToken !== undefined)) {
    columns.sendingPausedUntil = null;
    columns.sendingPausedReason = null;
    audited['sendingPausedUntil'] = { from: row.sendingPausedUntil, to: null };
  }
  const expiresAt = given.tokenExpiresAt !== undefined ? given.tokenExpiresAt : newToken ? null : row.tokenExpiresAt;
  if (expiresAt?.getTime() !== row.tokenExpiresAt?.getTime()) {
    columns.tokenExpiresAt = expiresAt;
    audited['tokenExpiresAt'] = { from: row.tokenExpiresAt, to: expiresAt };
  }
  const settings = changedSettings(settingsFrom(row), given.settings ?? {});
  if (Object.keys(settings).length > 0) {
    Object.assign(columns, settingsColumns(given.settings, settingsFrom(row)));
    audited['settings'] = settings;
  }
  return { columns, credentials: changedSecrets.length > 0 ? credentials : null, restarted: isCured(plain, credentials) ? CARE_TASKS : restartedBy(audited), audited };
}

/** Null: they stay as they are, unread. */
function credentialsAfter(accountId: string, plain: Partial<CredentialFields>, given: AccountChanges): CredentialFields | null {
  if (CREDENTIAL_NAMES.every((name) => given[name] === undefined)) return null;
  const { accessToken = plain.accessToken, appSecret = plain.appSecret, webhookVerifyToken = plain.webhookVerifyToken } = given;
  if (accessToken !== undefined && appSecret !== undefined && webhookVerifyToken !== undefined) return { accessToken, appSecret, webhookVerifyToken };
  throw new CredentialsNotWholeError(accountId, CREDENTIAL_NAMES.filter((name) => given[name] === undefined && plain[name] === undefined));
}

/** What did not open does now: whatever was looked after in vain may go well. */
function isCured(plain: Partial<CredentialFields>, credentials: CredentialFields | null): boolean {
  return credentials !== null && CREDENTIAL_NAMES.some((name) => plain[name] === undefined);
}

/** A new token or app secret may be of another Meta app, which has a subscription of its own. */
function restartedBy(audited: Readonly<Record<string, unknown>>): CareTask[] {
  const token = 'accessToken' in audited || 'tokenExpiresAt' in audited;
  const subscription = 'accessToken' in audited || 'appSecret' in audited || 'manageSubscription' in audited;
  return [...(token ? ['token' as const] : []), ...(subscription ? ['subscription' as const] : [])];
}

/** For the audit trail of a new account: everything but its secrets. */
export function createdFields(row: AccountEntity): Record<string, unknown> {
  return {
    username: row.username,
    status: row.status,
    tokenExpiresAt: row.tokenExpiresAt,
    ...(row.subscriptionUnmanaged === true ? { manageSubscription: false } : {}),
    settings: settingsFrom(row),
    accessToken: 'changed',
    appSecret: 'changed',
    webhookVerifyToken: 'changed',
  };
}

function changedSettings(before: AccountSettings, given: Partial<AccountSettings>): Record<string, { from: unknown; to: unknown }> {
  const names = Object.keys(before) as (keyof AccountSettings)[];
  return Object.fromEntries(
    names
      .filter((name) => given[name] !== undefined && JSON.stringify(given[name]) !== JSON.stringify(before[name]))
      .map((name) => [name, { from: before[name], to: given[name] }]),
  );
}
