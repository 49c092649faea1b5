import type { MessageRow, Reaction, Reactor } from '../message.js';
import type { MessageChange } from './message-change.js';
import { withDetails } from './with-details.js';

type React = Extract<MessageChange, { kind: 'reaction' }>;

/**
 * Of each person the latest counts. One that was taken back is kept too, out of sight: the reaction it ended may come
 * after it.
 */
export function reacted(row: MessageRow, { by, taken, reaction, emoji, at }: React): MessageRow {
  const reactor: Reactor = { by, taken, reaction, emoji, at: at.toISOString() };
  const known = row.details?.reactors ?? [];
  const before = known.find((other) => other.by === by);
  if (before && compare(before, reactor) >= 0) return row;
  const reactors = [...known.filter((other) => other !== before), reactor].sort((a, b) => order(a.by ?? '', b.by ?? ''));
  return { ...row, reactions: shown(reactors), details: withDetails(row.details, { reactors }) };
}

export function reactionsOf(row: MessageRow): React[] {
  return (row.details?.reactors ?? []).map((reactor) => ({ kind: 'reaction', ...reactor, at: new Date(reactor.at) }));
}

function shown(reactors: readonly Reactor[]): Reaction[] {
  return reactors
    .filter((reactor) => !reactor.taken)
    .sort((a, b) => order(a.at, b.at))
    .map(({ reaction, emoji, at }) => ({ reaction, emoji, at }));
}

/** Of one person: by time; at the same moment taking back is the last word, else the emoji decides, so that it is always the same one. */
function compare(a: Reactor, b: Reactor): number {
  return (
    order(a.at, b.at) || Number(a.taken) - Number(b.taken) || order(a.emoji ?? '', b.emoji ?? '') ||
    order(a.reaction ?? '', b.reaction ?? '')
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
