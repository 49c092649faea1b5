import { AppError, messageOf } from '../common/errors.js';
import { InvalidEnvironmentError } from '../config/index.js';

/** A mistake of the person at the keyboard: shown as one line, exit code 1. */
export class CommandError extends Error {}

/** Whatever went wrong, as one line and without a stack. */
export function oneLine(error: unknown): string {
  if (error instanceof InvalidEnvironmentError) return `The environment is not valid: ${error.problems.join('; ')}`;
  const text = error instanceof AppError && error.details.length > 0 ? error.details.join('; ') : messageOf(error);
  const line = text.replace(/\s*\n\s*/g, ' ').trim();
  return line === '' ? nameOf(error) : line;
}

/** Some network errors of Node carry a code and no message. */
function nameOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return oneLine(error.errors[0]);
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.name;
  return 'Something failed without saying what.';
}
