import { Injectable, Logger } from '@nestjs/common';
import type { MessageSender, SendOutcome, SendRequest } from '../message-sender.port.js';
import { classifyGraphError } from './classify-graph-error.js';
import { graphErrorOf, isRecord, textOf } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { GraphTransportError } from './graph-transport.error.js';

/** `POST /{version}/{account}/messages`. */
@Injectable()
export class InstagramMessageSender implements MessageSender {
  private readonly logger = new Logger('InstagramMessageSender');

  constructor(private readonly graph: GraphClient) {}

  async sendMessage(request: SendRequest): Promise<SendOutcome> {
    try {
      const answer = await this.graph.post(`${request.accountId}/messages`, request.body, request.accessToken);
      const messageId = isRecord(answer.body) ? textOf(answer.body['message_id']) : null;
      if (answer.status < 300 && messageId !== null && isRecord(answer.body)) {
        return { kind: 'sent', messageId, recipientId: textOf(answer.body['recipient_id']) ?? '' };
      }
      const outcome = classifyGraphError(answer);
      this.logger.warn({
        msg: 'Graph refused a send',
        accountId: request.accountId,
        outcome: outcome.kind,
        status: answer.status,
        traceId: graphErrorOf(answer.body)?.traceId ?? null,
      });
      return outcome;
    } catch (error) {
      return outcomeOfThrown(error);
    }
  }
}

function outcomeOfThrown(error: unknown): SendOutcome {
  if (error instanceof GraphTransportError && error.neverSent) {
    return { kind: 'retry', retryAfterMs: null, reason: error.message, code: error.code };
  }
  // Anything else may have happened after the request was on its way.
  return { kind: 'unknown', reason: error instanceof GraphTransportError ? error.message : 'the call to Instagram broke off' };
}
