import { sha256 } from '../../../crypto/index.js';
import { commentIdOf, hasAuthor } from './comment.js';
import { kindOfItem, type EventKind } from './event-kind.js';
import { canonicalJson, idOf, objectOf, textOf } from './json-value.js';
import { editNumberOf } from './message-change.js';

/**
 * What makes an event the same event, however often, and in whatever company, it is delivered. `raw` is its text, for
 * content nested so deeply that it is not worth putting in order.
 */
export function dedupeKeyOf(kind: EventKind, value: unknown, raw: string): string {
  const named = kind === 'live_comment' ? 'comment' : kind;
  const identity = kind === 'standby' ? identityOf(kindOfItem(value), value) : identityOf(named, value);
  if (identity !== null) return sha256(named, ...identity);
  // No id: the content, which holds the timestamp, is the identity. An empty part, so that no id can look like it.
  return sha256(named, '', canonicalJson(value) ?? raw);
}

/** Null: nothing in it names it. The kind is part of it: a message, its reaction, its edit and its unsend share a mid. */
function identityOf(kind: EventKind, value: unknown): string[] | null {
  const time = idOf(value, 'timestamp') ?? '';
  switch (kind) {
    case 'message':
    case 'echo':
    case 'self':
      return identity(kind, idOf(objectOf(value, 'message'), 'mid'));
    case 'postback':
      return identity(kind, idOf(objectOf(value, 'postback'), 'mid'));
    case 'unsend':
      return identity(kind, idOf(objectOf(value, 'message'), 'mid'), time);
    case 'read':
      return identity(kind, idOf(objectOf(value, 'read'), 'mid'), time);
    case 'reaction': {
      // React, unreact, react again: the same mid each time, told apart by action and time.
      const reaction = objectOf(value, 'reaction');
      const what = [idOf(reaction, 'action') ?? '', time, idOf(reaction, 'reaction') ?? '', idOf(reaction, 'emoji') ?? ''];
      return identity(kind, idOf(reaction, 'mid'), ...what);
    }
    case 'edit': {
      const edit = objectOf(value, 'message_edit');
      const number = editNumberOf(edit);
      // With the text: one that came without it must not keep the other out.
      const what = number === null ? ['', time] : [String(number), ''];
      return identity(kind, idOf(edit, 'mid'), ...what, textOf(edit, 'text') ?? '');
    }
    case 'comment':
    case 'live_comment':
      // Announced twice (on advertisements), or as both kinds: it is one comment. One that came without its author cannot be
      // answered, and must not keep the other out.
      return identity('comment', commentIdOf(value), ...(hasAuthor(value) ? [] : ['']));
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
