import { v7 } from 'uuid';

/** Our own id of a message: a UUIDv7, so that ids made later sort later. */
export function newId(): string {
  return v7();
}

/** Sorts before every id made at that time or later, and after those made earlier. No id itself. */
export function firstIdAt(at: Date): string {
  const ms = at.getTime().toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-`;
}
