/** Without these nobody is answered. */
const CORE = ['messages', 'messaging_postbacks'] as const;
const MESSAGING = [...CORE, 'messaging_seen', 'message_reactions', 'messaging_referral', 'message_edit'] as const;
/** These need a permission of their own (instagram_business_manage_comments). */
const COMMENTS = ['comments', 'live_comments', 'mentions'] as const;

/**
 * What this service understands, under the names Meta has for Instagram (those for Pages are other words:
 * messaging_referrals, message_edits). Meta takes a list as a whole: where it refuses, a shorter one is tried.
 */
export const FIELD_LISTS: readonly (readonly string[])[] = [[...MESSAGING, ...COMMENTS], MESSAGING, CORE];
export const WANTED: readonly string[] = FIELD_LISTS[0] ?? [];

/** Where Meta lists less than it was asked for, asking again is of no use at every look. */
const ASK_AGAIN_AFTER_MS = 24 * 60 * 60_000;

/** What the last successful request was. */
export interface LastSubscription {
  readonly fields: readonly string[];
  readonly at: Date;
}

/** Pure: whether the account must be subscribed (anew), given what Meta says it is subscribed to. */
export function mustSubscribe(listed: readonly string[], last: LastSubscription | null, now: Date): boolean {
  if (CORE.some((field) => !listed.includes(field))) return true;
  if (WANTED.every((field) => listed.includes(field))) return false;
  return last === null || now.getTime() - last.at.getTime() >= ASK_AGAIN_AFTER_MS;
}

/** Pure: whether subscribing to `fields` changed anything that people would want to read about. */
export function isChange(listed: readonly string[], last: LastSubscription | null, fields: readonly string[]): boolean {
  return CORE.some((field) => !listed.includes(field)) || last?.fields.join() !== fields.join();
}

export function refusedOf(fields: readonly string[]): string[] {
  return WANTED.filter((field) => !fields.includes(field));
}

export function lastSubscriptionOf(detail: string | null): LastSubscription | null {
  if (detail === null) return null;
  const { fields, at } = JSON.parse(detail) as { fields: string[]; at: string };
  return { fields, at: new Date(at) };
}

export function detailOf(last: LastSubscription): string {
  return JSON.stringify({ fields: last.fields, at: last.at.toISOString() });
}
