import type { EntityManager } from 'typeorm';

const managers = new WeakMap<Tx, EntityManager>();
const hooks = new WeakMap<Tx, (() => void)[]>();

/**
 * One unit of work: a transaction, or a place in line for reads. Use cases hand it on and cannot look inside:
 * only repositories unwrap it.
 */
export class Tx {
  declare private readonly brand: 'tx';

  static around(manager: EntityManager): Tx {
    const tx = new Tx();
    managers.set(tx, manager);
    hooks.set(tx, []);
    return tx;
  }

  static managerOf(tx: Tx): EntityManager {
    const manager = managers.get(tx);
    if (!manager) throw new Error('This transaction has ended.');
    return manager;
  }

  /** Run `hook` once the work is committed, never when it is rolled back (bells, cache evictions). Must not throw. */
  afterCommit(hook: () => void): void {
    const list = hooks.get(this);
    if (!list) throw new Error('This transaction has ended.');
    list.push(hook);
  }

  /** Closes the transaction and gives what is to run after its commit. */
  static close(tx: Tx): readonly (() => void)[] {
    const list = hooks.get(tx) ?? [];
    managers.delete(tx);
    hooks.delete(tx);
    return list;
  }
}
