import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Telemetry } from '../../common/telemetry.js';
import type { MessageReceiver } from '../message-receiver.port.js';
import type { WebhookRequest } from './webhook-request.js';
import { WebhookSignatureGuard } from './webhook-signature.guard.js';

const SILENT = new Promise<never>(() => undefined);
const telemetry = { deliveryReceived: () => undefined, deliveryRefused: () => undefined } as unknown as Telemetry;

function guardOf(validateSignature: MessageReceiver['validateSignature']): WebhookSignatureGuard {
  return new WebhookSignatureGuard({ validateSignature, receiveWebhook: () => SILENT }, telemetry);
}

const requestOf = (unreadSince: number): WebhookRequest => ({ params: { accountId: '1' }, headers: {}, body: Buffer.from('{}'), unreadSince });

describe('a delivery that was read late', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('has that much less time left', async () => {
    const answer = guardOf(() => SILENT).admit(requestOf(performance.now() - 2_500)).catch((error: unknown) => error);
    jest.advanceTimersByTime(999);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await answer).toMatchObject({ code: 'too_late' });
  });

  it('is handed on with when it came, not with when it was read', async () => {
    const proof = { wasMadeWith: () => true };
    const unreadSince = performance.now() - 2_500;
    const late = requestOf(unreadSince);
    await guardOf(() => Promise.resolve({ kind: 'valid', proof })).admit(late);
    expect(late.delivery?.startedAt).toBe(unreadSince);
  });
});
