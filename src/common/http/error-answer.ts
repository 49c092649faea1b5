import { HttpException } from '@nestjs/common';
import { AppError } from '../errors.js';
import { nameOfStatus, STATUS_OF_KIND } from './status.js';

/** What the caller is told of an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly message: string | readonly string[];
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;
  /** True: nobody expected this; it is logged in full, and the caller learns nothing of it. */
  readonly unexpected: boolean;
}

/** Tells whether an error means that the database cannot be reached or cannot store at the moment. */
export type UnavailabilityTest = (error: unknown) => boolean;

/** Meta and well-behaved clients come back after this when nothing better is known. */
const RETRY_AFTER_SECONDS = 5;

/** Pure: what to answer to anything thrown. A message of a driver or a library never gets out. */
export function answerTo(error: unknown, isUnavailable: UnavailabilityTest): ErrorAnswer {
  if (error instanceof AppError) return answerToAppError(error);
  if (isUnavailable(error)) {
    return answer(503, 'The database cannot be reached or cannot store at the moment; try again.', {
      headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
      unexpected: true,
    });
  }
  const parserError = bodyParserError(error);
  if (parserError) return parserError;
  if (error instanceof HttpException) return answerToHttpException(error);
  if (error instanceof URIError) return answer(400, 'The address is not correctly percent-encoded.');
  return answer(500, 'Something went wrong on our side; the request id names it in the logs.', { unexpected: true });
}

function answerToAppError(error: AppError): ErrorAnswer {
  const status = STATUS_OF_KIND[error.kind];
  const headers: Record<string, string> = {};
  if (error.kind === 'unauthenticated') headers['WWW-Authenticate'] = 'Bearer';
  const retryAfter = error.retryAfterSeconds ?? (error.kind === 'unavailable' ? RETRY_AFTER_SECONDS : undefined);
  if (retryAfter !== undefined) headers['Retry-After'] = String(Math.max(1, Math.ceil(retryAfter)));
  return answer(status, error.details.length > 0 ? error.details : error.message, { headers });
}

function answerToHttpException(exception: HttpException): ErrorAnswer {
  const status = exception.getStatus();
  const body = exception.getResponse();
  const message = typeof body === 'object' && 'message' in body ? body.message : body;
  const error = typeof body === 'object' && 'error' in body && typeof body.error === 'string' ? body.error : undefined;
  return answer(status, isMessage(message) ? message : exception.message, { error, unexpected: status >= 500 && status !== 503 });
}

/** The body parsers' own errors carry a `type`; Nest hands them on as they are, or inside an HttpException. */
function bodyParserError(error: unknown): ErrorAnswer | undefined {
  const source = error instanceof HttpException ? error.cause : error;
  const type = typeof source === 'object' && source !== null && 'type' in source ? source.type : undefined;
  const known = typeof type === 'string' ? BODY_PARSER_ERRORS[type] : undefined;
  if (known) return answer(...known);
  // body-parser quotes the body in its message, and a body may hold a secret.
  if (error instanceof SyntaxError && 'status' in error) return answer(...NOT_JSON);
  return undefined;
}

const NOT_JSON = [400, 'The body is not valid JSON.'] as const;
const BODY_PARSER_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  'entity.parse.failed': NOT_JSON,
  'entity.too.large': [413, 'The body is too large.'],
  'encoding.unsupported': [415, 'A compressed body, or one in this encoding, is not accepted.'],
  'charset.unsupported': [415, 'The body must be UTF-8.'],
  'encoding.not.utf8': [400, 'The body is not in UTF-8: send it in that encoding.'],
  'request.aborted': [400, 'The body ended early.'],
  'request.size.invalid': [400, 'The body is not as long as its Content-Length says.'],
  'parameters.too.many': [413, 'The body has too many parameters.'],
};

function answer(
  status: number,
  message: string | readonly string[],
  more: { error?: string | undefined; headers?: Record<string, string>; unexpected?: boolean } = {},
): ErrorAnswer {
  return {
    status,
    message,
    error: more.error ?? nameOfStatus(status),
    headers: more.headers ?? {},
    unexpected: more.unexpected ?? false,
  };
}

function isMessage(value: unknown): value is string | string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((part) => typeof part === 'string'));
}
