import { AppError } from '../common/errors.js';
import { CredentialsUnreadableError } from '../accounts/index.js';

/** For callers whom nobody knows yet: they are told to come back, and not what is wrong with whom. */
export function cannotCheck(cause: unknown): AppError {
  return new AppError('unavailable', 'credentials_unreadable', 'It cannot be checked at the moment; come again later', [], { cause });
}

/** `work`, in which stored credentials may turn out not to open. */
export async function checking<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof CredentialsUnreadableError ? cannotCheck(error) : error;
  }
}
