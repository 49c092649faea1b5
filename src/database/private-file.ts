import { closeSync, openSync } from 'node:fs';

/**
 * Makes an empty file for the owner alone, before SQLite makes one that everybody on the machine may read (its `-wal` and
 * `-shm` take the same mode). One that is there is left as it is, and not even opened: closing it would take away the
 * locks this process has on it.
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!isThereAlready(error)) throw error;
  }
}

function isThereAlready(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST';
}
