import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { REQUEST_ID_HEADER, requestIdOf } from '../http/index.js';
import { REDACTED } from './scrub.js';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * Gives every request an id (`X-Request-Id`, taken over from the caller where it is harmless) and logs its end:
 * method, path, account, status, time. Headers and bodies are never written, query values only where listed.
 * Deliveries come by the thousand and are counted in the metrics, so their successes are logged at `debug` only.
 */
export function requestLogging(logger: Logger): Middleware {
  const log = pinoHttp({
    logger,
    genReqId: (request) => request.id,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'milliseconds' },
    serializers: { req: () => undefined, res: () => undefined },
    customLogLevel: (request, response, error) => levelOf(request, response.statusCode, error),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
    customSuccessObject: (request, response, given: { milliseconds?: number }) =>
      summary(request, response, given.milliseconds),
    customErrorObject: (request, response, _error, given: { milliseconds?: number }) =>
      summary(request, response, given.milliseconds),
  });
  return (request, response, next) => {
    request.id = requestIdOf(request);
    response.setHeader(REQUEST_ID_HEADER, request.id);
    if (!QUIET.test(pathOf(request)) || logger.isLevelEnabled('debug')) {
      log(request, response, next);
      return;
    }
    // pino-http makes three child loggers a request, which is a good part of what a delivery costs.
    const startedAt = performance.now();
    response.once('close', () => {
      if (response.statusCode < 400) return;
      const level = levelOf(request, response.statusCode);
      if (level !== 'debug') logger[level]({ requestId: request.id, ...summary(request, response, performance.now() - startedAt) }, 'request');
    });
    next();
  };
}

const QUIET = /^\/(?:health|metrics|webhooks\/|docs)/;
const PROBE = /^\/health(?:\/|$)/;
const DELIVERY = /^\/webhooks\//;

function levelOf(request: IncomingMessage, status: number, error?: Error): 'error' | 'warn' | 'info' | 'debug' {
  // A red probe is an answer, not a failure; that it turned red is logged once, by whoever turned it.
  if (!error && PROBE.test(pathOf(request))) return 'debug';
  // Refused for now, by the thousand when it happens: counted, and logged once in a while, with the reasons.
  if (!error && status === 503 && DELIVERY.test(pathOf(request))) return 'debug';
  if (status >= 500 || error) return 'error';
  if (status >= 400) return 'warn';
  return QUIET.test(pathOf(request)) ? 'debug' : 'info';
}

/** pino-http adds the request id itself. */
function summary(request: IncomingMessage, response: ServerResponse, milliseconds = 0): Record<string, unknown> {
  const url = safeUrl(originalUrl(request));
  return {
    method: request.method,
    url,
    accountId: accountIdOf(url),
    status: response.statusCode,
    milliseconds: Math.round(milliseconds),
    // "finish" never came: the caller hung up before the whole answer was written.
    ...(response.writableFinished ? {} : { aborted: true }),
  };
}

export function accountIdOf(path: string): string | undefined {
  return /^\/(?:api\/v1\/accounts|webhooks\/instagram)\/(\d{1,50})(?=[/?]|$)/.exec(path)?.[1];
}

const HARMLESS_PARAMETERS = new Set(['limit', 'cursor', 'status', 'action', 'accountId', 'hub.mode']);

/** The address as it may be logged: a parameter nobody declared harmless keeps its name and loses its value. */
export function safeUrl(url: string): string {
  const [path = '', query] = url.split('?', 2);
  if (query === undefined || query === '') return path;
  const parts = query
    .split('&')
    .slice(0, 20)
    .map((part) => {
      const name = part.split('=', 1)[0] ?? '';
      return HARMLESS_PARAMETERS.has(name) ? part : `${name.slice(0, 50)}=${REDACTED}`;
    });
  return `${path}?${parts.join('&')}`;
}

function pathOf(request: IncomingMessage): string {
  return originalUrl(request).split('?', 1)[0] ?? '';
}

/** Express rewrites `url` inside mounted routers and keeps the original beside it. */
function originalUrl(request: IncomingMessage & { originalUrl?: string }): string {
  return request.originalUrl ?? request.url ?? '';
}
