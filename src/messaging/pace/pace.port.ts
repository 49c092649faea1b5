/**
 * What Meta counts of an account: its sends, those of audio and video among them, private replies to comments, and reads
 * of conversations.
 */
export type PaceKind = 'sends' | 'media' | 'private_replies' | 'lookups';

export type Pass =
  /**
   * `giveBack`: the call was not made, or reached nobody; it counts no longer, where that can still be undone, as all of its
   * kinds or as those that are named. Never throws.
   */
  | { readonly granted: true; readonly giveBack: (only?: readonly PaceKind[]) => void }
  /** Not within the caller's patience, and nothing was counted: worth asking again after `retryAfterMs`. */
  | { readonly granted: false; readonly retryAfterMs: number };

/** Keeps an account's calls within what Meta takes, in any sliding window, over all instances that share the adapter. */
export abstract class Pace {
  /** To be called once, before the first `take`. Never fails: what is away at the start is used when it comes. */
  abstract open(): Promise<void>;

  abstract close(): void;

  /**
   * Waits until the account may make one more call that counts as all of `kinds`, and counts it. First come, first
   * served. A call that was granted should follow at once: Meta counts when it arrives. Never throws.
   */
  abstract take(accountId: string, kinds: readonly PaceKind[], patienceMs: number): Promise<Pass>;
}
