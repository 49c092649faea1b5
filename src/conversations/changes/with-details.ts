import type { MessageDetails } from '../message.js';

/** Fields in one order, whatever the order in which they came about: the same message is stored as the same text. */
export function withDetails(details: MessageDetails | null, more: MessageDetails): MessageDetails {
  return Object.fromEntries(Object.entries({ ...details, ...more }).sort(([a], [b]) => (a < b ? -1 : 1)));
}
