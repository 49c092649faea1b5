import { sha256 } from '../../crypto/index.js';
import { kindOfItem, type EventKind } from './event-kind.js';
import { canonicalJson, idOf, objectOf } from './json-value.js';

/**
 * What makes an event the same event, however often, and in whatever company, it is delivered. `raw` is its text, for
 * content nested so deeply that it is not worth putting in order.
 */
export function dedupeKeyOf(kind: EventKind, value: unknown, raw: string): string {
  const identity = kind === 'standby' ? identityOf(kindOfItem(value), value) : identityOf(kind, value);
  if (identity !== null) return sha256(kind, ...identity);
  // No id: the content, which holds the timestamp, is the identity. An empty part, so that no id can look like it.
  return sha256(kind, '', canonicalJson(value) ?? raw);
}

/** Null: nothing in it names it. The kind is part of it: a message, its reaction, its edit and its unsend share a mid. */
function identityOf(kind: EventKind, value: unknown): string[] | null {
  switch (kind) {
    case 'message':
    case 'echo':
    case 'unsend':
      return identity(kind, idOf(objectOf(value, 'message'), 'mid'));
    case 'postback':
      return identity(kind, idOf(objectOf(value, 'postback'), 'mid'));
    case 'read':
      return identity(kind, idOf(objectOf(value, 'read'), 'mid'));
    case 'reaction': {
      // React, unreact, react again: the same mid each time, told apart by action and time.
      const reaction = objectOf(value, 'reaction');
      return identity(kind, idOf(reaction, 'mid'), idOf(reaction, 'action') ?? '', idOf(value, 'timestamp') ?? '');
    }
    case 'edit': {
      const edit = objectOf(value, 'message_edit');
      return identity(kind, idOf(edit, 'mid'), idOf(edit, 'num_edit') ?? '');
    }
    case 'comment':
    case 'live_comment': {
      const comment = objectOf(value, 'value');
      return identity(kind, idOf(comment, 'id') ?? idOf(comment, 'comment_id'));
    }
    case 'referral':
    case 'optin':
    case 'handover':
    case 'standby':
    case 'mention':
    case 'story_insights':
    case 'change':
    case 'unknown':
      return null;
  }
}

function identity(kind: EventKind, id: string | null, ...more: string[]): string[] | null {
  return id === null ? null : [kind, id, ...more];
}
