import type { MessageChange } from './changes/message-change.js';

/** The key of a message's mid, within its account. */
export interface ExternalKey {
  readonly accountId: string;
  readonly externalKey: string;
}

/** A change whose message is not known yet. */
export interface EarlyChange extends ExternalKey {
  /** Of the event that told of it: however often that is applied, it is one change. */
  readonly dedupeKey: string;
  readonly change: MessageChange;
}
