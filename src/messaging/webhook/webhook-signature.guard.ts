import { Inject, Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AppError, messageOf } from '../../common/errors.js';
import { OnceInAWhile } from '../../common/once-in-a-while.js';
import { Telemetry, type DeliveryResult } from '../../common/telemetry.js';
import { MESSAGE_RECEIVER, type MessageReceiver, type SignatureVerdict, type SignedRequest } from '../message-receiver.port.js';
import { inTime } from './in-time.js';
import { refusalOf } from './refusal-of.js';
import type { WebhookRequest } from './webhook-request.js';

const EMPTY = Buffer.alloc(0);
const COME_BACK_SECONDS = 2;

/** Lets a delivery in only when Meta has signed these very bytes. Nothing is parsed before. */
@Injectable()
export class WebhookSignatureGuard implements CanActivate {
  private readonly logger = new Logger('Webhooks');
  private readonly complaint = new OnceInAWhile();

  constructor(
    @Inject(MESSAGE_RECEIVER) private readonly receiver: MessageReceiver,
    private readonly telemetry: Telemetry,
  ) {}

  canActivate(context: ExecutionContext): Promise<boolean> {
    return this.admit(context.switchToHttp().getRequest<WebhookRequest>());
  }

  /** @throws AppError for every request it does not let in */
  async admit(request: WebhookRequest): Promise<true> {
    const startedAt = request.unreadSince ?? performance.now();
    const rawBody = Buffer.isBuffer(request.body) ? request.body : EMPTY;
    const header = request.headers['x-hub-signature-256'];
    const refuse = (result: DeliveryResult, error: AppError): never => {
      this.telemetry.deliveryReceived(result, (performance.now() - startedAt) / 1000);
      throw error;
    };
    const verdict = await this.validate({
      accountId: request.params['accountId'] ?? null,
      rawBody,
      signature: typeof header === 'string' ? header : undefined,
    }, startedAt).catch((error: unknown) => {
      const refusal = error instanceof AppError ? error : cannotVerify(error);
      this.telemetry.deliveryRefused(refusalOf(refusal));
      return refuse('unavailable', refusal);
    });
    switch (verdict.kind) {
      case 'valid':
        request.delivery = { rawBody, proof: verdict.proof, startedAt };
        return true;
      case 'unknown_account':
        return refuse('unknown_account', new AppError('not_found', 'account_not_found', 'There is no such account'));
      case 'invalid':
        return refuse('bad_signature', new AppError('unauthenticated', 'bad_signature', 'X-Hub-Signature-256 is missing or does not match'));
    }
  }

  private async validate(request: SignedRequest, startedAt: number): Promise<SignatureVerdict> {
    try {
      return await inTime(this.receiver.validateSignature(request), startedAt);
    } catch (error) {
      if (error instanceof AppError) throw error; // counted, and logged once in a while
      if (this.complaint.isDue()) this.logger.error(`A signature could not be checked: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
      throw error;
    }
  }
}

function cannotVerify(cause: unknown): AppError {
  return new AppError(
    'unavailable', 'cannot_verify', 'The signature cannot be checked at the moment; deliver it again later', [], { cause }, COME_BACK_SECONDS,
  );
}
