import type { Tx } from './tx.js';

/**
 * The only way to the database. No network call may be made inside `work`, and `work` may run more than once:
 * a deadlock, a lock time-out or a busy SQLite file rolls the whole of it back and starts it again.
 */
export abstract class TransactionRunner {
  /** Runs `work` in one transaction (READ COMMITTED): all of it commits, or none. Must not be nested. */
  abstract run<T>(work: (tx: Tx) => Promise<T>): Promise<T>;

  /**
   * Runs `work`, whose writes are one statement (or may be stored one without the other), without a transaction around it:
   * two round trips fewer. The statement is durable when this resolves.
   */
  abstract write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;

  /** Runs reads without a transaction. Must not be nested in `run`. */
  abstract read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}
