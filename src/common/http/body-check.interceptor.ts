import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { Observable } from 'rxjs';
import { AppError } from '../errors.js';

/**
 * Looks at the body of a management call before its fields are checked: that it was JSON at all, since a forgotten header
 * would otherwise be told as a dozen missing fields; that it is not nested so deeply that validation, which works by
 * recursion, overflows the stack; and that its texts are Unicode, since nothing else comes back from the database as it went in.
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
const LONE_SURROGATE = /\p{Surrogate}/u;

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method !== 'POST' && method !== 'PATCH' && method !== 'PUT') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function checkJson(body: unknown): void {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && LONE_SURROGATE.test(value)) {
      throw invalid('not_unicode', 'The body holds half a character (a lone surrogate, as in \\ud83d).');
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEEPEST) throw invalid('too_deep', `The body is nested more than ${String(DEEPEST)} levels deep.`);
    for (const child of Object.values(value)) waiting.push({ value: child, depth: depth + 1 });
  }
}

function invalid(code: string, message: string): AppError {
  return new AppError('invalid', code, message);
}
