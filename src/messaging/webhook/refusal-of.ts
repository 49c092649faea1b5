import { AppError } from '../../common/errors.js';
import { REFUSALS, type Refusal } from '../../common/telemetry.js';

/** The reason to count for a delivery that could not be taken. */
export function refusalOf(error: unknown): Refusal {
  const code = error instanceof AppError ? error.code : '';
  return REFUSALS.find((reason) => reason === code) ?? 'cannot_store';
}
