import type { ChangeContent } from '../../../conversations/index.js';
import type { EventKind } from './event-kind.js';
import { idOf, objectOf, textOf } from './json-value.js';
import { REASONS } from './reasons.js';

/** A change of a message that stands, or will stand, somewhere. */
export interface ReadChange {
  readonly mid: string;
  readonly content: ChangeContent;
}

/** What an unsend, edit, reaction or read says; a reason in plain words where it says nothing. `by`: who did it. */
export function readChange(kind: EventKind, item: unknown, by: string | null): ReadChange | string {
  const part = objectOf(item, PARTS[kind] ?? '');
  const mid = idOf(part, 'mid');
  const content = contentOf(kind, part, by);
  if (typeof content === 'string') return content;
  return mid === null ? REASONS.noMessage : { mid, content };
}

const PARTS: Partial<Record<EventKind, string>> = { unsend: 'message', edit: 'message_edit', reaction: 'reaction', read: 'read' };

function contentOf(kind: EventKind, part: unknown, by: string | null): ChangeContent | string {
  switch (kind) {
    case 'unsend':
    case 'read':
      return { kind };
    case 'edit':
      return editOf(part);
    case 'reaction':
      return reactionOf(part, by);
    default:
      return REASONS.unknown;
  }
}

function editOf(part: unknown): ChangeContent | string {
  const text = textOf(part, 'text');
  const number = editNumberOf(part);
  if (number === null) return text === null ? REASONS.emptyEdit : { kind: 'edit', number: 1, text };
  return number === 0 ? REASONS.notAnEdit : { kind: 'edit', number, text };
}

/** Meta's pages have it as a string, recordings as a number. Null where it is absent, or nothing one can count with. */
export function editNumberOf(part: unknown): number | null {
  const text = idOf(part, 'num_edit');
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function reactionOf(part: unknown, by: string | null): ChangeContent | string {
  const action = textOf(part, 'action');
  const reaction = textOf(part, 'reaction');
  const emoji = textOf(part, 'emoji');
  if (action === 'unreact') return { kind: 'reaction', by, taken: true, reaction: null, emoji: null };
  if (action !== 'react' && reaction === null && emoji === null) return REASONS.noReaction;
  return { kind: 'reaction', by, taken: false, reaction, emoji };
}
