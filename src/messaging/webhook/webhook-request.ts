import type { SignatureProof } from '../message-receiver.port.js';

/** What the webhook guard and controller use of a request. The raw parser puts the bytes into `body`. */
export interface WebhookRequest {
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
  /** Put there by the gate: since when (of `performance.now()`) it may have been here, unread. */
  readonly unreadSince?: number | undefined;
  /** Put there by the guard, once the signature is known to be good. */
  delivery?: AcceptedDelivery;
}

export interface AcceptedDelivery {
  readonly rawBody: Buffer;
  readonly proof: SignatureProof;
  /** Of `performance.now()`; Meta's own clock may run since then. */
  readonly startedAt: number;
}
