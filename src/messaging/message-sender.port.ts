/** The channel's way out. A second channel is a second implementation. */
export const MESSAGE_SENDER = Symbol('MESSAGE_SENDER');

export interface SendRequest {
  readonly accountId: string;
  /** In clear, for this call only. */
  readonly accessToken: string;
  /** What the channel is sent, as the outbox holds it. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Nothing is to be sent for the account, or for all accounts of its app, for a while. */
export interface AskedPause {
  readonly forMs: number;
  readonly scope: 'account' | 'app';
  /** In plain words, for people who look at the account. */
  readonly reason: string;
}

/** What the channel's answer says about the conversation. */
export type ConversationStop =
  /** Nothing may be written there until the customer acts again. */
  | { readonly kind: 'closed' }
  /** Rules should not answer there for a while. */
  | { readonly kind: 'paused'; readonly forMs: number };

/** Why, without a full stop at its end, and what a person can do about it (a sentence, or empty). */
interface Explained {
  readonly reason: string;
  readonly cure?: string;
}

export type SendOutcome =
  /** Done. `messageId` is the channel's id of the message, null where it gives none; `note`: what is odd about it. */
  | {
      readonly kind: 'sent';
      readonly messageId: string | null;
      readonly recipientId: string;
      readonly note?: string;
      readonly pause?: AskedPause;
    }
  /** Certainly not delivered, and worth another try: `retryAfterMs` when the channel said when. */
  | (Explained & {
      readonly kind: 'retry';
      readonly retryAfterMs: number | null;
      readonly code: string;
      /** Fewer than usual, where more would be no use. */
      readonly maxAttempts?: number;
    })
  /** The channel was not reached, and has got nothing of it: no try of the message's. */
  | (Explained & { readonly kind: 'unreached'; readonly code: string })
  /** Certainly not delivered, and never will be. */
  | (Explained & {
      readonly kind: 'failed';
      readonly code: string;
      readonly conversation?: ConversationStop;
      readonly pause?: AskedPause;
    })
  /** Nobody knows: it must be looked up before anything else is done. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Not delivered: the account's token is no longer accepted. Nothing more of this account until it has a new one. */
  | (Explained & { readonly kind: 'dead_token'; readonly code: string })
  /** Not delivered, and not this message's fault: it waits with the account. */
  | (Explained & { readonly kind: 'paused'; readonly code: string; readonly pause: AskedPause });

export interface MessageSender {
  /**
   * Makes one attempt to send one message. Never throws: what went wrong is in the outcome, in words that hold neither
   * the token nor the text. Must not be called inside a transaction.
   */
  sendMessage(request: SendRequest): Promise<SendOutcome>;
}
