/** One item of `entry[].messaging[]` or `entry[].standby[]`. */
export type MessagingItem = Readonly<Record<string, unknown>>;

/** One item of `entry[].changes[]`. */
export interface Change {
  readonly field: string;
  readonly value: unknown;
}

/** What happened to one account, in one of the forms Meta has for it. */
export interface Entry {
  readonly id: string;
  readonly time: number;
  readonly messaging?: readonly MessagingItem[];
  /** Another app owns these conversations. */
  readonly standby?: readonly MessagingItem[];
  readonly changes?: readonly Change[];
  /** In place of `changes`, with "Include Values" switched off. */
  readonly changed_fields?: readonly string[];
  /** The flat form: one change, without `changes` around it. */
  readonly field?: string;
  readonly value?: unknown;
}

export interface Delivery {
  readonly object: string;
  readonly entry: readonly Entry[];
}

/** One entry: everything in it happened to one account. Times are milliseconds for messaging. */
export function entryOf(accountId: string, items: readonly MessagingItem[], at = new Date()): Entry {
  return { id: accountId, time: at.getTime(), messaging: items };
}

/** The same items for an account whose conversations another app owns. */
export function standbyEntryOf(accountId: string, items: readonly MessagingItem[], at = new Date()): Entry {
  return { id: accountId, time: at.getTime(), standby: items };
}

/** An entry of `changes` (comments, mentions). Its time is in seconds. */
export function changesEntryOf(accountId: string, changes: readonly Change[], at = new Date()): Entry {
  return { id: accountId, time: seconds(at), changes };
}

/** One change as Meta's page prints it for Instagram Login: `field` and `value` beside the id. */
export function flatEntryOf(accountId: string, { field, value }: Change, at = new Date()): Entry {
  return { id: accountId, time: seconds(at), field, value };
}

/** Only the names of what changed. */
export function changedFieldsEntryOf(accountId: string, fields: readonly string[], at = new Date()): Entry {
  return { id: accountId, time: seconds(at), changed_fields: fields };
}

/** One POST; Meta puts up to 1000 updates of several accounts of one app in it. */
export function deliveryOf(...entries: readonly Entry[]): Delivery {
  return { object: 'instagram', entry: entries };
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
