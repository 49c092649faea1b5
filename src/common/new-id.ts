import { v7 } from 'uuid';

/** Our own id of a message: a UUIDv7, so that ids made later sort later. */
export function newId(): string {
  return v7();
}
