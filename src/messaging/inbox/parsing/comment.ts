import type { MessageDetails } from '../../../conversations/index.js';
import { fieldOf, idOf, objectOf, textOf } from './json-value.js';
import { REASONS } from './reasons.js';

/** What somebody wrote under a post, or into a live video. */
export interface Comment {
  readonly id: string;
  readonly authorId: string;
  readonly username: string | null;
  readonly text: string | null;
  readonly details: MessageDetails;
}

/** A stored comment: `{field, value}`, or the entry around it. A reason in plain words where nothing can come of it. */
export function readComment(change: unknown, accountId: string | null): Comment | string {
  const value = objectOf(change, 'value');
  const from = objectOf(value, 'from');
  const authorId = idOf(from, 'id');
  // What the account writes under its own posts comes back too: answering it would never end.
  if (idOf(from, 'self_ig_scoped_id') !== null || (authorId !== null && authorId === accountId)) return REASONS.ownComment;
  if (authorId === null) return REASONS.noAuthor;
  const id = commentIdOf(change);
  if (id === null) return REASONS.noComment;
  const mediaId = idOf(objectOf(value, 'media'), 'id');
  const parentId = idOf(value, 'parent_id');
  const details = {
    comment: {
      ...(mediaId === null ? {} : { mediaId }), ...(parentId === null ? {} : { parentId }),
      ...(fieldOf(change, 'field') === 'live_comments' ? { live: true } : {}),
    },
  };
  return { id, authorId, username: textOf(from, 'username'), text: textOf(value, 'text'), details };
}

export function commentIdOf(change: unknown): string | null {
  const value = objectOf(change, 'value');
  return idOf(value, 'id') ?? idOf(value, 'comment_id');
}

export function hasAuthor(change: unknown): boolean {
  const from = objectOf(objectOf(change, 'value'), 'from');
  return idOf(from, 'id') !== null || idOf(from, 'self_ig_scoped_id') !== null;
}
