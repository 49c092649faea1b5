import { fieldOf, idOf, listOf } from './json-value.js';

/**
 * The most events a delivery is split into. Meta puts at most 1000 updates into one; ten times that is a second's work for a
 * database, and beyond it whoever holds one app's secret would keep everybody else's deliveries waiting.
 */
export const MOST_EVENTS = 10_000;

/** The deliveries in a body: Meta's example pages print one inside an array. */
export function deliveriesOf(body: unknown): readonly unknown[] {
  return Array.isArray(body) && body.length > 0 ? (body as unknown[]) : [body];
}

/** How many events the parser would make of them; beyond `most` it is not known how many. Makes nothing itself. */
export function countEvents(deliveries: readonly unknown[], most = MOST_EVENTS): number {
  let count = 0;
  for (const delivery of deliveries) {
    const entries = listOf(delivery, 'entry');
    if (entries.length === 0) count++;
    // A body may hold millions: what is too many is known long before its end.
    if (count > most) return count;
    for (const entry of entries) {
      if (count > most) return count;
      const items = listOf(entry, 'messaging').length + listOf(entry, 'standby').length + listOf(entry, 'changes').length;
      count += Math.max(1, items);
    }
  }
  return count;
}

/** The one account that each entry of these names; null: they name several, or one of them none. */
export function onlyAccountIn(deliveries: readonly unknown[]): string | null {
  let only: string | null = null;
  for (const delivery of deliveries) {
    const entries = listOf(delivery, 'entry');
    if (entries.length === 0) return null;
    for (const entry of entries) {
      const id = idOf(entry, 'id');
      if (id === null || (only !== null && id !== only)) return null;
      only = id;
    }
  }
  return only;
}

export function areInstagrams(deliveries: readonly unknown[]): boolean {
  return deliveries.every((delivery) => fieldOf(delivery, 'object') === 'instagram');
}
