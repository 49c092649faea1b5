import { fieldOf, idOf, isObject, listOf } from '../../common/json-fields.js';

/** One thing that happened, taken out of whatever it came in. */
export interface EventItem {
  /** `item` has the shape of those in `messaging`, `comment` is a comment's `value`, `other` answers to no rule. */
  readonly shape: 'item' | 'standby' | 'comment' | 'other';
  readonly value: unknown;
  /** The account that the entry around it names. */
  readonly entryId: string | null;
}

const NOTHING: EventItem = { shape: 'other', value: null, entryId: null };

/**
 * The item that an event stands for: itself, as `messaging` and `changes` have it, or the first one of an entry, of a
 * delivery, or of an array of these (as Meta's example pages print it). Null when there is none.
 */
export function firstItem(event: unknown): EventItem | null {
  const root: unknown = Array.isArray(event) ? event[0] : event;
  if (!isObject(root)) return null;
  if (!Array.isArray(fieldOf(root, 'entry'))) return inEntry(root) ?? { shape: 'item', value: root, entryId: null };
  for (const entry of listOf(root, 'entry')) {
    const found = inEntry(entry);
    if (found) return found;
  }
  return null;
}

/** Null when `entry` is no entry, or holds nothing. A stored change looks like an entry of the flat form without its id. */
function inEntry(entry: unknown): EventItem | null {
  const entryId = idOf(entry, 'id');
  const [item] = listOf(entry, 'messaging');
  if (item !== undefined) return { shape: 'item', value: item, entryId };
  const [standby] = listOf(entry, 'standby');
  if (standby !== undefined) return { shape: 'standby', value: standby, entryId };
  const [change] = listOf(entry, 'changes');
  if (change !== undefined) return { ...inChange(change), entryId };
  if (fieldOf(entry, 'field') !== undefined && fieldOf(entry, 'value') !== undefined)
    return { ...inChange(entry), entryId };
  return ENTRY_LISTS.some((name) => fieldOf(entry, name) !== undefined) ? { ...NOTHING, entryId } : null;
}

const ENTRY_LISTS = ['messaging', 'standby', 'changes', 'changed_fields'];

function inChange(change: unknown): EventItem {
  const field = fieldOf(change, 'field');
  const value = fieldOf(change, 'value');
  if (typeof field !== 'string') return NOTHING;
  if (COMMENT_FIELDS.has(field)) return { ...NOTHING, shape: 'comment', value };
  if (field === 'standby') return { ...NOTHING, shape: 'standby', value };
  return MESSAGING_FIELD.test(field) ? { ...NOTHING, shape: 'item', value } : NOTHING;
}

const COMMENT_FIELDS: ReadonlySet<string> = new Set(['comments', 'live_comments']);
/** The dashboard's test button puts an item of `messaging` into a change. */
const MESSAGING_FIELD = /^messag(?:es|e_|ing_)/;
