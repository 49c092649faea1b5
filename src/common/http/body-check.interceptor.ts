import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { Observable } from 'rxjs';
import { AppError } from '../errors.js';

/**
 * Looks at the body of a management call before its fields are checked: that it was JSON at all, since a forgotten header
 * would otherwise be told as a dozen missing fields; that it is not nested so deeply that validation, which works by
 * recursion, overflows the stack; that it does not hold so much that validation, which looks at every field of every entry before
 * it counts them, keeps everybody waiting (for 13 seconds, with 90,000 unknown fields); and that its texts are Unicode, since nothing else comes back from the database as it went in.
 */
@Injectable()
export class BodyCheckInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<IncomingMessage & { readonly body?: unknown }>();
    if (request.body === undefined) {
      if (hasBody(request)) throw invalid('not_json', 'The body must be JSON, sent with the header Content-Type: application/json.');
    } else if (!Buffer.isBuffer(request.body)) {
      checkJson(request.body);
    }
    return next.handle();
  }
}

const DEEPEST = 50;
/** Nothing that is wanted holds more than half of it: the accounts of an API key. */
const MOST_VALUES = 2_500;
/** `rules/test` takes an event as Meta delivers it: its fields are not validated. */
const FREE_FORM = 'event';
/** Of one object. It is copied all the same, in a time that grows with the square of their number: Meta's have a dozen. */
const MOST_FIELDS = 1_000;
const LONE_SURROGATE = /\p{Surrogate}/u;

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method !== 'POST' && method !== 'PATCH' && method !== 'PUT') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function checkJson(body: unknown): void {
  const waiting: Item[] = [{ value: body, depth: 0, counts: true }];
  let values = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth, counts } = next;
    if (counts) values += 1;
    // The body itself is none of them.
    if (values > MOST_VALUES + 1) throw invalid('too_many_values', `The body holds more than ${String(MOST_VALUES)} values.`);
    if (typeof value === 'string' && LONE_SURROGATE.test(value)) {
      throw invalid('not_unicode', 'The body holds half a character (a lone surrogate, as in \\ud83d).');
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEEPEST) throw invalid('too_deep', `The body is nested more than ${String(DEEPEST)} levels deep.`);
    const fields = Object.entries(value);
    if (fields.length > MOST_FIELDS && !Array.isArray(value)) throw invalid('too_many_fields', `An object in the body has more than ${String(MOST_FIELDS)} fields.`);
    for (const [name, child] of fields) {
      waiting.push({ value: child as unknown, depth: depth + 1, counts: counts && (depth > 0 || name !== FREE_FORM) });
    }
  }
}

interface Item {
  readonly value: unknown;
  readonly depth: number;
  /** Among the values that are validated. */
  readonly counts: boolean;
}

function invalid(code: string, message: string): AppError {
  return new AppError('invalid', code, message);
}
