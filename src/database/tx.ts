import type { EntityManager } from 'typeorm';

const managers = new WeakMap<Tx, EntityManager>();
interface Hooks {
  readonly committed: (() => void)[];
  readonly undone: (() => void)[];
}

const hooks = new WeakMap<Tx, Hooks>();

/**
 * One unit of work: a transaction, or a place in line for reads. Use cases hand it on and cannot look inside:
 * only repositories unwrap it.
 */
export class Tx {
  declare private readonly brand: 'tx';

  static around(manager: EntityManager): Tx {
    const tx = new Tx();
    managers.set(tx, manager);
    hooks.set(tx, { committed: [], undone: [] });
    return tx;
  }

  static managerOf(tx: Tx): EntityManager {
    const manager = managers.get(tx);
    if (!manager) throw new Error('This transaction has ended.');
    return manager;
  }

  /** Run `hook` once the work is committed, never when it is rolled back (bells, cache evictions). Must not throw. */
  afterCommit(hook: () => void): void {
    hooksOf(this).committed.push(hook);
  }

  /** Run `hook` once the work is undone, or nobody knows whether it was committed (places that were kept for it). Must not throw. */
  afterRollback(hook: () => void): void {
    hooksOf(this).undone.push(hook);
  }

  /** Closes the transaction and gives what is to run now that it has ended so. */
  static close(tx: Tx, end: 'committed' | 'undone'): readonly (() => void)[] {
    const list = hooks.get(tx)?.[end] ?? [];
    managers.delete(tx);
    hooks.delete(tx);
    return list;
  }
}

function hooksOf(tx: Tx): Hooks {
  const found = hooks.get(tx);
  if (!found) throw new Error('This transaction has ended.');
  return found;
}
