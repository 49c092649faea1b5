import { AppError } from '../common/errors.js';

export class UnauthenticatedError extends AppError {
  constructor() {
    super('unauthenticated', 'api_key_required', 'A valid API key is required: Authorization: Bearer <api key>.');
  }
}

export class RoleTooLowError extends AppError {
  constructor(role: string, needed: string) {
    super('forbidden', 'role_too_low', `This needs the role ${needed}; the API key has the role ${role}.`);
  }
}

export class UndeclaredAccessError extends AppError {
  constructor() {
    super('forbidden', 'access_not_declared', 'This route is open to no one.');
  }
}

export class LimitedKeyError extends AppError {
  constructor() {
    super('forbidden', 'key_limited_to_accounts', 'This needs an API key that is not limited to accounts.');
  }
}

/** The same words as for an account that does not exist: which ones exist is not for everyone to know. */
export class AccountHiddenError extends AppError {
  constructor(accountId: string) {
    super('not_found', 'account_not_found', `There is no account ${accountId}.`);
  }
}

export class TooManyAttemptsError extends AppError {
  constructor(retryAfterSeconds: number) {
    super(
      'too_many_requests',
      'too_many_failed_attempts',
      'Too many attempts with keys that are not valid from this address; try again later.',
      [],
      undefined,
      retryAfterSeconds,
    );
  }
}

export class ApiKeyNotFoundError extends AppError {
  constructor(id: string) {
    super('not_found', 'api_key_not_found', `There is no API key ${id}.`);
  }
}

/** The audit trail calls the key of the variable so: nobody else may be called so there. */
export class ReservedKeyNameError extends AppError {
  constructor(name: string) {
    super('invalid', 'key_name_reserved', `name: ${name} is what the audit trail calls the key in the variable of that name; choose another.`);
  }
}
