/** The channel's way out. A second channel is a second implementation. */
export const MESSAGE_SENDER = Symbol('MESSAGE_SENDER');

export interface SendRequest {
  readonly accountId: string;
  /** In clear, for this call only. */
  readonly accessToken: string;
  /** What the channel is sent, as the outbox holds it. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type SendOutcome =
  /** Delivered; `messageId` is the channel's id of the message. */
  | { readonly kind: 'sent'; readonly messageId: string; readonly recipientId: string }
  /** Certainly not delivered, and worth another try: `retryAfterMs` when the channel said when. */
  | {
      readonly kind: 'retry';
      readonly retryAfterMs: number | null;
      readonly reason: string;
      readonly code: string;
      /** Fewer tries than usual, where more would be no use. */
      readonly maxAttempts?: number;
    }
  /** Certainly not delivered, and never will be. */
  | { readonly kind: 'failed'; readonly reason: string; readonly code: string }
  /** Nobody knows: it must be looked up before anything else is done. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Not delivered: the account's token is no longer accepted. Nothing more of this account until it has a new one. */
  | { readonly kind: 'dead_token'; readonly reason: string; readonly code: string }
  /** Not delivered: the whole account must pause. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null; readonly reason: string };

export interface MessageSender {
  /**
   * Makes one attempt to send one message. Never throws: what went wrong is in the outcome, in words that hold neither
   * the token nor the text. Must not be called inside a transaction.
   */
  sendMessage(request: SendRequest): Promise<SendOutcome>;
}
