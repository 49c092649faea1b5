import { Inject, Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { Telemetry, type DeliveryResult } from '../../common/telemetry.js';
import { MESSAGE_RECEIVER, type MessageReceiver } from '../message-receiver.port.js';
import { inTime } from './in-time.js';
import { refusalOf } from './refusal-of.js';
import type { WebhookRequest } from './webhook-request.js';

const RECEIVED = 'EVENT_RECEIVED';
const HEADERS = {
  'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': String(RECEIVED.length), 'X-Content-Type-Options': 'nosniff',
};

/** Takes what the guard has let in, and answers 200 once it is stored. */
@Injectable()
export class DeliveryReception {
  constructor(
    @Inject(MESSAGE_RECEIVER) private readonly receiver: MessageReceiver,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {}

  async receive({ delivery }: WebhookRequest, response: ServerResponse): Promise<void> {
    if (!delivery) throw new Error('A delivery got past the signature guard.');
    const { rawBody, proof, startedAt } = delivery;
    let result: DeliveryResult = 'unavailable';
    try {
      await inTime(this.receiver.receiveWebhook({ rawBody, proof, receivedAt: this.clock.now(), startedAt }), startedAt);
      result = 'accepted';
      // Not through Express's send(): it would look up a type and compute an ETag for these fourteen letters.
      response.writeHead(200, HEADERS).end(RECEIVED);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'invalid') result = 'not_json';
      else this.telemetry.deliveryRefused(refusalOf(error));
      throw error;
    } finally {
      this.telemetry.deliveryReceived(result, (performance.now() - startedAt) / 1000);
    }
  }
}
