import { Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Entrance } from '../../common/http/index.js';
import { DeliveryReception } from './delivery-reception.js';
import type { WebhookRequest } from './webhook-request.js';
import { WebhookSignatureGuard } from './webhook-signature.guard.js';

/** As Meta writes it. Other spellings that mean the same (capitals, a whole address) are the router's. */
const ADDRESS = /^\/webhooks\/instagram(?:\/(\d{1,50}))?(?:\?|$)/;

/** The short way of a delivery: the same guard and the same reception that the router would lead it to, and nothing between. */
@Injectable()
export class DeliveryEntrance implements Entrance {
  constructor(
    private readonly guard: WebhookSignatureGuard,
    private readonly reception: DeliveryReception,
  ) {}

  isMeant(request: IncomingMessage): boolean {
    return request.method === 'POST' && ADDRESS.test(request.url ?? '');
  }

  async take(request: IncomingMessage & { params?: WebhookRequest['params'] }, response: ServerResponse): Promise<void> {
    const accountId = ADDRESS.exec(request.url ?? '')?.[1];
    request.params = accountId === undefined ? {} : { accountId };
    const delivery = request as WebhookRequest;
    await this.guard.admit(delivery);
    await this.reception.receive(delivery, response);
  }
}
