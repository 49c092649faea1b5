import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { Observable } from 'rxjs';
import { AppError } from '../errors.js';
import { FREE_FORM } from './free-form.js';

/**
 * Looks at the body of a management call before its fields are checked: that it was JSON at all, since a forgotten header
 * would otherwise be told as a dozen missing fields; that it is not nested so deeply that validation, which works by
 * recursion, overflows the stack; that it holds no more than any call can mean, since validation looks at each field again for
 * every other one, and says of each what is wrong with it: one body of 1 MB would keep everybody waiting for twenty seconds; and
 * that its texts are Unicode, since nothing else comes back from the database as it went in.
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
/** A delivery of a thousand updates has half as many. */
const MOST_VALUES_OF_FREE_FORM = 50_000;
/** In one object: what validation costs grows with their square. */
const MOST_FIELDS = 1_000;
const LONE_SURROGATE = /\p{Surrogate}/u;

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method !== 'POST' && method !== 'PATCH' && method !== 'PUT') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

interface Waiting {
  readonly value: unknown;
  readonly depth: number;
  /** It stands where any JSON may. */
  readonly isFree: boolean;
}

function checkJson(body: unknown): void {
  const waiting: Waiting[] = [{ value: body, depth: 0, isFree: false }];
  const room = { ours: MOST_VALUES, free: MOST_VALUES_OF_FREE_FORM };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth, isFree } = next;
    if (typeof value === 'string' && LONE_SURROGATE.test(value)) {
      throw invalid('not_unicode', 'The body holds half a character (a lone surrogate, as in \\ud83d).');
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEEPEST) throw invalid('too_deep', `The body is nested more than ${String(DEEPEST)} levels deep.`);
    const children = Object.entries(value);
    room[isFree ? 'free' : 'ours'] -= children.length;
    if (!Array.isArray(value) && children.length > MOST_FIELDS) {
      throw invalid('too_many_fields', `An object in the body has more than ${String(MOST_FIELDS)} fields.`);
    }
    if (room.ours < 0) throw invalid('too_many_values', `The body holds more than ${String(MOST_VALUES)} values.`);
    if (room.free < 0) throw invalid('too_many_values', `The event holds more than ${String(MOST_VALUES_OF_FREE_FORM)} values.`);
    for (const [name, child] of children) waiting.push({ value: child, depth: depth + 1, isFree: isFree || (depth === 0 && FREE_FORM.has(name)) });
  }
}

function invalid(code: string, message: string): AppError {
  return new AppError('invalid', code, message);
}
