/** The channel's way in. A second channel is a second implementation. */
export const MESSAGE_RECEIVER = Symbol('MESSAGE_RECEIVER');

export interface SignedRequest {
  /** Of the address it was delivered to; null on the address that all accounts share. */
  readonly accountId: string | null;
  /** The bytes as they came: the signature is over these and no others. */
  readonly rawBody: Buffer;
  readonly signature: string | undefined;
}

/** Knows the signature of one delivery, and can say whose it is. */
export interface SignatureProof {
  wasMadeWith(secret: string): boolean;
}

export type SignatureVerdict =
  | { readonly kind: 'valid'; readonly proof: SignatureProof }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'unknown_account' };

export interface Delivery {
  readonly rawBody: Buffer;
  readonly proof: SignatureProof;
  readonly receivedAt: Date;
  /** Of `performance.now()`: what may not be stored in time, counted from here, is better refused at once. */
  readonly startedAt: number;
}

export interface MessageReceiver {
  /** Whether a delivery may be looked into. Stores nothing. */
  validateSignature(request: SignedRequest): Promise<SignatureVerdict>;

  /**
   * Stores everything in a delivery and resolves once it is durable; does not wait for it to be acted on.
   * @throws AppError `invalid` when it is not JSON, `unavailable` when it cannot be stored now.
   */
  receiveWebhook(delivery: Delivery): Promise<void>;
}
