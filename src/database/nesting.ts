import { AsyncLocalStorage } from 'node:async_hooks';

let inside: AsyncLocalStorage<boolean> | null = null;

/**
 * From now on, a unit of work that is started inside another one is an error (on SQLite it would wait for itself for ever,
 * on the others take a second connection). For tests: on Node 20 a process that has used AsyncLocalStorage once pays for
 * every promise it makes from then on, and this service makes some hundred for each message.
 */
export function detectNesting(): void {
  inside ??= new AsyncLocalStorage<boolean>();
}

export async function insideWork<T>(work: () => Promise<T>): Promise<T> {
  if (!inside) return await work();
  if (inside.getStore() === true) throw new Error('A unit of work was started inside another one: hand the Tx on instead.');
  return await inside.run(true, work);
}

/** For what is begun when a unit of work has ended. */
export function outsideOfWork(work: () => void): void {
  // (`exit` would not do: a unit of work that begins on the spot would take what follows it back inside.)
  if (inside) inside.run(false, work);
  else work();
}
