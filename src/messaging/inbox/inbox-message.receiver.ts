import { Injectable } from '@nestjs/common';
import { AccountDirectory } from '../../accounts/index.js';
import { AppError } from '../../common/errors.js';
import { cannotCheck, checking } from '../cannot-check.js';
import type { Delivery, MessageReceiver, SignatureVerdict, SignedRequest } from '../message-receiver.port.js';
import { DeliverySignature } from './delivery-signature.js';
import { EventRouter } from './event-router.js';
import { InboxWriter } from './inbox.writer.js';
import { parseDelivery, type ParsedEntry } from './parsing/webhook-payload.parser.js';
import { SharedAddress } from './shared-address.js';

const ACCOUNT_ID = /^\d{1,50}$/;

/** Instagram's webhooks, into the inbox. */
@Injectable()
export class InboxMessageReceiver implements MessageReceiver {
  constructor(
    private readonly accounts: AccountDirectory,
    private readonly sharedAddress: SharedAddress,
    private readonly router: EventRouter,
    private readonly writer: InboxWriter,
  ) {}

  async validateSignature({ accountId, rawBody, signature }: SignedRequest): Promise<SignatureVerdict> {
    const proof = new DeliverySignature(rawBody, signature);
    if (accountId === null) return (await this.sharedAddress.isSigned(rawBody, proof)) ? { kind: 'valid', proof } : { kind: 'invalid' };
    // Not asked for when it cannot exist: the column takes nothing but ASCII.
    const secret = ACCOUNT_ID.test(accountId) ? await checking(this.accounts.appSecret(accountId)) : null;
    if (secret === null) return { kind: 'unknown_account' };
    return proof.wasMadeWith(secret) ? { kind: 'valid', proof } : { kind: 'invalid' };
  }

  async receiveWebhook({ rawBody, proof, receivedAt, startedAt }: Delivery): Promise<void> {
    const { records, unreadable } = await this.router.route(parse(rawBody, receivedAt), proof, receivedAt);
    await this.writer.store(records, startedAt);
    // Meta delivers all of it again; what is stored is known then.
    if (unreadable) throw cannotCheck(unreadable);
  }
}

function parse(rawBody: Buffer, receivedAt: Date): ParsedEntry[] {
  try {
    return parseDelivery(rawBody.toString('utf8'), receivedAt);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AppError('invalid', 'not_json', 'The body is not JSON', [], { cause: error });
  }
}
