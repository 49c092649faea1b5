import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerTo, type UnavailabilityTest } from './error-answer.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

/** The one place where an error becomes an answer: `{statusCode, message, error, requestId}`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  /** @param isUnavailable only the database knows its drivers' errors */
  constructor(private readonly isUnavailable: UnavailabilityTest = () => false) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host.switchToHttp().getRequest<IncomingMessage>(), host.switchToHttp().getResponse<ServerResponse>());
  }

  answer(thrown: unknown, request: IncomingMessage, response: ServerResponse): void {
    const requestId = requestIdOf(request);
    const answer = answerTo(thrown, this.isUnavailable);
    if (answer.unexpected) {
      this.logger.error(
        `answered ${String(answer.status)}`,
        { requestId },
        thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`),
      );
    }
    if (response.headersSent) {
      // Too late for an answer: an answer cut short must not look whole.
      response.destroy();
      return;
    }
    response.statusCode = answer.status;
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    response.setHeader(REQUEST_ID_HEADER, requestId);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(
      JSON.stringify({ statusCode: answer.status, message: answer.message, error: answer.error, requestId }),
    );
  }
}
