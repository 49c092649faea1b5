import { fieldOf, isObject, objectOf, type JsonObject } from './json-value.js';

/** Everything a delivery may hold, by our name for it. Also metric labels: a small fixed set. See `event-catalogue.ts`. */
export type EventKind =
  | 'message' | 'postback' | 'echo' | 'self' | 'unsend' | 'edit' | 'reaction' | 'read' | 'referral' | 'optin' | 'handover'
  | 'standby' | 'comment' | 'live_comment' | 'mention' | 'story_insights' | 'change' | 'unknown';

/** What one item of `messaging` is, by the field it has. */
export function kindOfItem(item: unknown): EventKind {
  if (isSelf(item)) return 'self';
  const message = objectOf(item, 'message');
  if (message) {
    // An unsent echo is an unsend: it takes a message away, it does not bring one.
    if (fieldOf(message, 'is_deleted') === true) return 'unsend';
    return isEcho(item, message) ? 'echo' : 'message';
  }
  for (const [field, kind] of ITEM_FIELDS) if (isObject(fieldOf(item, field))) return kind;
  return 'unknown';
}

/** What the account writes to itself: marked inside a message, or, for a postback, on the item. */
function isSelf(item: unknown): boolean {
  return [item, objectOf(item, 'message'), objectOf(item, 'postback')].some((part) => fieldOf(part, 'is_self') === true);
}

function isEcho(item: unknown, message: JsonObject): boolean {
  return fieldOf(message, 'is_echo') === true || fieldOf(item, 'is_echo') === true;
}

const ITEM_FIELDS: readonly (readonly [string, EventKind])[] = [
  ['postback', 'postback'],
  ['reaction', 'reaction'],
  ['read', 'read'],
  ['message_edit', 'edit'],
  ['referral', 'referral'],
  ['optin', 'optin'],
  ['pass_thread_control', 'handover'],
  ['take_thread_control', 'handover'],
  ['request_thread_control', 'handover'],
];

/** What one `{field, value}` of `changes` is. `item`: its value is an item as `messaging` has them (the test button's form). */
export function kindOfChange(field: unknown, value: unknown): { kind: EventKind; item: boolean } {
  if (typeof field !== 'string') return { kind: 'unknown', item: false };
  if (field === 'standby') return { kind: 'standby', item: true };
  const kind = CHANGE_FIELDS.get(field);
  if (kind) return { kind, item: false };
  if (!MESSAGING_FIELD.test(field)) return { kind: 'change', item: false };
  const itemKind = kindOfItem(value);
  return itemKind === 'unknown' ? { kind: 'change', item: false } : { kind: itemKind, item: true };
}

const MESSAGING_FIELD = /^messag(?:es|e_|ing_)/;

const CHANGE_FIELDS = new Map<string, EventKind>([
  ['comments', 'comment'],
  ['live_comments', 'live_comment'],
  ['mentions', 'mention'],
  ['story_insights', 'story_insights'],
]);
