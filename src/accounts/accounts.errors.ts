import { AppError } from '../common/errors.js';
import { GENERATED_KEY_FILE } from '../crypto/index.js';

export class AccountNotFoundError extends AppError {
  constructor(accountId: string) {
    super('not_found', 'account_not_found', `There is no account ${accountId}.`);
  }
}

export class AccountExistsError extends AppError {
  constructor(accountId: string) {
    super('conflict', 'account_exists', `id: the account ${accountId} exists already; change it with PATCH.`);
  }
}

export class AccountBeingDeletedError extends AppError {
  constructor(accountId: string) {
    super('conflict', 'account_being_deleted', `id: the data of the former account ${accountId} is still being deleted; try again soon.`);
  }
}

export class AccountOutOfReachError extends AppError {
  constructor(accountId: string) {
    super('forbidden', 'account_out_of_reach', `id: this API key is limited to accounts, and ${accountId} is not one of them.`);
  }
}

export class UsernameNotUniqueError extends AppError {
  constructor(username: string) {
    super('conflict', 'username_not_unique', `Several accounts are called ${username}; name the account by its id.`);
  }
}

/** All three are sealed anew together, and what is stored of these does not open. */
export class CredentialsNotWholeError extends AppError {
  constructor(accountId: string, missing: readonly string[]) {
    super('conflict', 'credentials_not_whole', `${missing.join(', ')}: what is stored for account ${accountId} does not open; give it anew too.`);
  }
}

/** Nothing can be checked or called with it, until somebody has seen to it: the account's `problems` say how. */
export class CredentialsUnreadableError extends AppError {
  constructor(accountId: string, cause: unknown) {
    super('unavailable', 'credentials_unreadable', `The stored credentials of account ${accountId} do not open; see its problems.`, [], { cause });
  }
}

/** Stops the start: nothing could be verified or sent with these credentials. */
export class CredentialsDoNotOpenError extends Error {
  constructor(accountId: string, reason: string, keyIsGenerated: boolean) {
    super(
      keyIsGenerated
        ? `The key file in DATA_DIR does not open the credentials stored in the database (account ${accountId}: ${reason}). ` +
            'Put back the key file they were stored with, or set APP_SECRET_KEY to the key that was used.'
        : `APP_SECRET_KEY does not open the credentials stored in the database (account ${accountId}: ${reason}). ` +
            'Set it to the key they were stored with, or add that key to APP_SECRET_KEY_PREVIOUS. ' +
            `Where none had been set, it is the content of ${GENERATED_KEY_FILE} in DATA_DIR.`,
    );
    this.name = 'CredentialsDoNotOpenError';
  }
}
