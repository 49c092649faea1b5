import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Dialect } from './dialect.js';
import { TransactionRunner } from './transaction-runner.js';
import { insideWork, outsideOfWork } from './nesting.js';
import { Tx } from './tx.js';

const ATTEMPTS = 12;
const BREATHE_EVERY_MS = 5;

/** MySQL and MariaDB: each unit of work on a connection of the pool, at READ COMMITTED. */
export class PooledTransactionRunner extends TransactionRunner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: Dialect,
  ) {
    super();
  }

  override run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return insideWork(() =>
      retrying(this.dialect, () => this.onConnection((runner) => transaction(runner, 'START TRANSACTION', work))),
    );
  }

  override write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.read(work);
  }

  override read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return insideWork(() => retrying(this.dialect, () => this.onConnection((runner) => plain(runner, work))));
  }

  private async onConnection<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } catch (error) {
      // After a failover it is in order, and leads to the former primary: given back, it would be taken again and again.
      if (this.dialect.isReadOnlyServer(error)) close(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

/**
 * SQLite: TypeORM gives it one connection, and a statement made while a transaction is open joins it, and dies with it.
 * So every access waits its turn. `BEGIN IMMEDIATE` takes the file's write lock first: a transaction that reads and
 * then writes cannot find the file changed under it by a second process (the CLI).
 */
export class SerialTransactionRunner extends TransactionRunner {
  private tail: Promise<unknown> = Promise.resolve();
  private breathedAt = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: Dialect,
  ) {
    super();
  }

  override run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return insideWork(() =>
      this.inTurn(() => retrying(this.dialect, () => transaction(this.dataSource.createQueryRunner(), 'BEGIN IMMEDIATE', work))),
    );
  }

  override write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.read(work);
  }

  override read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return insideWork(() => this.inTurn(() => retrying(this.dialect, () => plain(this.dataSource.createQueryRunner(), work))));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.tail.then(() => this.breathe()).then(work);
    this.tail = mine.then(
      () => undefined,
      () => undefined, // the caller of `mine` hears of it; the next in line must not
    );
    return mine;
  }

  /**
   * This database answers on the spot, so units of work that follow one another never come back to the event loop by
   * themselves: with many in line, requests and Graph's answers would wait for all of them.
   */
  private async breathe(): Promise<void> {
    if (performance.now() - this.breathedAt < BREATHE_EVERY_MS) return;
    await setImmediate();
    this.breathedAt = performance.now();
  }
}

function end(tx: Tx, how: 'committed' | 'undone'): void {
  outsideOfWork(() => {
    for (const hook of Tx.close(tx, how)) hook();
  });
}

async function transaction<T>(runner: QueryRunner, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = Tx.around(runner.manager);
  try {
    await runner.query(begin);
    // BEGIN is ours, so TypeORM must be told: its own save() would otherwise open a transaction inside this one.
    markActive(runner, true);
    let result: T;
    try {
      result = await work(tx);
      await runner.query('COMMIT');
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined); // the first error is the one that tells
      throw error;
    }
    end(tx, 'committed');
    return result;
  } finally {
    // Has run already, and has nothing left to run, where all went well.
    end(tx, 'undone');
    markActive(runner, false);
  }
}

function markActive(runner: { isTransactionActive: boolean }, active: boolean): void {
  runner.isTransactionActive = active;
}

async function plain<T>(runner: QueryRunner, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = Tx.around(runner.manager);
  try {
    const result = await work(tx);
    end(tx, 'committed');
    return result;
  } finally {
    // Has run already, and has nothing left to run, where all went well.
    end(tx, 'undone');
  }
}

function close(runner: QueryRunner): void {
  (runner as { databaseConnection?: { destroy(): void } }).databaseConnection?.destroy();
}

async function retrying<T>(dialect: Dialect, attempt: () => Promise<T>): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      // Who has waited in vain for a lock has waited long enough.
      if (!dialect.isTransient(error) || dialect.isLockWait(error) || made >= ATTEMPTS) throw error;
      await delay(Math.min(500, 2 ** made * (1 + Math.random() * 2)));
    }
  }
}
