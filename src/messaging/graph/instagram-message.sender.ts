import { Injectable, Logger } from '@nestjs/common';
import type { MessageSender, AskedPause, SendOutcome, SendRequest } from '../message-sender.port.js';
import { isAction } from '../outbox/message-content.js';
import { classifyGraphError } from './classify-graph-error.js';
import { graphErrorOf, isRecord, textOf, type GraphAnswer } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { GraphTransportError } from './graph-transport.error.js';
import { regainAccessMs } from './regain-access.js';

/** `POST /{version}/{account}/messages`. */
@Injectable()
export class InstagramMessageSender implements MessageSender {
  private readonly logger = new Logger('InstagramMessageSender');

  constructor(private readonly graph: GraphClient) {}

  async sendMessage(request: SendRequest): Promise<SendOutcome> {
    try {
      const answer = await this.graph.post(`${request.accountId}/messages`, request.body, request.accessToken);
      const sent = successOf(answer, request.body);
      if (sent) return sent;
      const outcome = classifyGraphError(answer, request.body);
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

function successOf({ status, body, headers }: GraphAnswer, request: SendRequest['body']): SendOutcome | null {
  if (status >= 300 || !isRecord(body)) return null;
  const messageId = textOf(body['message_id']);
  const recipientId = textOf(body['recipient_id']);
  // A typing sign or a reaction becomes no message, and is answered with its recipient alone.
  if (messageId === null && (recipientId === null || graphErrorOf(body) || !isAction(request))) return null;
  const pause = pauseAskedFor(headers);
  return { kind: 'sent', messageId, recipientId: recipientId ?? '', ...(pause ? { pause } : {}) };
}

/** Graph may say "enough" with an answer that is still a yes: calling on would make the block longer. */
function pauseAskedFor(headers: GraphAnswer['headers']): AskedPause | null {
  const forMs = regainAccessMs(headers);
  return forMs === null ? null : { forMs, scope: 'account', reason: 'Instagram asks for a pause: the account has used up its calls for now.' };
}

function outcomeOfThrown(error: unknown): SendOutcome {
  if (error instanceof GraphTransportError && error.neverSent) {
    return { kind: 'unreached', reason: error.message, code: error.code, cure: "Check this server's way to the Graph API." };
  }
  // Anything else may have happened after the request was on its way.
  return { kind: 'unknown', reason: error instanceof GraphTransportError ? error.message : 'The call to Instagram broke off' };
}
