import { latest } from '../../common/times.js';
import type { EarlierText, MessageRow } from '../message.js';
import type { MessageChange } from './message-change.js';
import { withDetails } from './with-details.js';

type Edit = Extract<MessageChange, { kind: 'edit' }>;

/** The text of the highest number stands; the others are kept. After an unsend no text comes back. */
export function edited(row: MessageRow, change: Edit): MessageRow {
  const editedAt = latest(row.editedAt, change.at);
  if (change.text === null || row.deletedAt !== null) return { ...row, editedAt };
  const version = { text: change.text, editNumber: change.number, at: change.at.toISOString() };
  const texts = versionsOf(row);
  if (texts.some((other) => compare(other, version) === 0)) return { ...row, editedAt };
  const sorted = [...texts, version].sort(compare);
  const standing = sorted.at(-1) ?? version;
  return {
    ...row,
    text: standing.text,
    editedAt,
    details: withDetails(row.details, {
      earlierTexts: sorted.slice(0, -1), edit: { number: standing.editNumber, at: standing.at },
    }),
  };
}

export function editsOf(row: MessageRow): Edit[] {
  const edits = row.deletedAt === null ? versionsOf(row).filter((version) => version.editNumber > 0) : [];
  return [
    ...edits.map((version): Edit => ({ kind: 'edit', number: version.editNumber, text: version.text, at: new Date(version.at) })),
    // For the time alone: of an edit without a text, or of a message that was unsent.
    ...(row.editedAt === null ? [] : [{ kind: 'edit' as const, number: 1, text: null, at: row.editedAt }]),
  ];
}

/** Every text the message has had; number 0 is the original. */
function versionsOf({ text, details, sentAt, createdAt }: MessageRow): EarlierText[] {
  const { earlierTexts = [], edit } = details ?? {};
  if (text === null) return [...earlierTexts];
  return [...earlierTexts, { text, editNumber: edit?.number ?? 0, at: edit?.at ?? (sentAt ?? createdAt).toISOString() }];
}

function compare(a: EarlierText, b: EarlierText): number {
  return a.editNumber - b.editNumber || order(a.at, b.at) || order(a.text, b.text);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
