import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../errors.js';
import { answerTo } from './error-answer.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

const PROBES = /^(?:https?:\/\/[^/]*)?\/(?:health|metrics)(?:[/?]|$)/i;
const ANSWER = answerTo(
  new AppError('not_found', 'worker_only', 'This instance works and serves nothing but /health and /metrics (ROLE=worker)'), () => false,
);

/** `ROLE=worker`: neither webhooks nor the API, so that what is sent here by mistake is noticed at once. */
export function onlyProbes(): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  return (request, response, next) => {
    if (PROBES.test(request.url ?? '')) {
      next();
      return;
    }
    const requestId = requestIdOf(request);
    const { status, message, error } = ANSWER;
    response.writeHead(status, { [REQUEST_ID_HEADER]: requestId, 'Content-Type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ statusCode: status, message, error, requestId }));
  };
}
