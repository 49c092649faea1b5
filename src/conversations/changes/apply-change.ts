import { earliest } from '../../common/times.js';
import type { MessageRow } from '../message.js';
import { edited, editsOf } from './edit.js';
import type { MessageChange } from './message-change.js';
import { reacted, reactionsOf } from './reaction.js';

/**
 * The message with the change. Pure, and a merge: changes may come in any order and any number of times, the message ends
 * up the same.
 */
export function applyChange(row: MessageRow, change: MessageChange): MessageRow {
  switch (change.kind) {
    case 'unsend':
      return unsent(row, change.at);
    case 'edit':
      return edited(row, change);
    case 'reaction':
      return reacted(row, change);
    case 'read':
      return { ...row, readAt: earliest(row.readAt, change.at) };
  }
}

/** The changes that have made a message what it is: applied to another record of it, they make that the same. */
export function changesOf(row: MessageRow): MessageChange[] {
  return [
    ...editsOf(row),
    ...reactionsOf(row),
    ...(row.readAt === null ? [] : [{ kind: 'read' as const, at: row.readAt }]),
    ...(row.deletedAt === null ? [] : [{ kind: 'unsend' as const, at: row.deletedAt }]),
  ];
}

/**
 * What was said leaves the message, with every earlier text and all that was read from it. Which comment it answered stays:
 * Instagram takes no second private reply to it.
 */
function unsent(row: MessageRow, at: Date): MessageRow {
  const { commentId, elsewhere, reactors } = row.details ?? {};
  const kept = {
    ...(commentId === undefined ? {} : { commentId }), ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(reactors === undefined ? {} : { reactors }),
  };
  return {
    ...row, text: null, attachments: [], details: Object.keys(kept).length === 0 ? null : kept, deletedAt: earliest(row.deletedAt, at),
  };
}
