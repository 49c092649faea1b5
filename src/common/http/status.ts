import { HttpStatus } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import type { ErrorKind } from '../errors.js';

/** Exhaustive: a new kind of error does not compile before it has a status. */
export const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: HttpStatus.BAD_REQUEST,
  unauthenticated: HttpStatus.UNAUTHORIZED,
  forbidden: HttpStatus.FORBIDDEN,
  not_found: HttpStatus.NOT_FOUND,
  conflict: HttpStatus.CONFLICT,
  unprocessable: HttpStatus.UNPROCESSABLE_ENTITY,
  too_many_requests: HttpStatus.TOO_MANY_REQUESTS,
  unavailable: HttpStatus.SERVICE_UNAVAILABLE,
};

export function nameOfStatus(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}
