/** Provider token of the `SubscriptionEnder`. */
export const SUBSCRIPTION_ENDER = Symbol('SUBSCRIPTION_ENDER');

export interface SubscriptionToEnd {
  readonly accountId: string;
  readonly accessToken: string;
  /** Somebody waits: what takes longer is broken off. */
  readonly withinMs: number;
}

/** Asks Meta to deliver an account's webhooks no longer. */
export interface SubscriptionEnder {
  /** Never throws. @returns why not, in words for people, without the token; null: nothing is delivered any more */
  end(subscription: SubscriptionToEnd): Promise<string | null>;
}
