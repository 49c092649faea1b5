import Database from 'better-sqlite3';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { DatabaseKind } from './database-kind.js';
import { makePrivateFile } from './private-file.js';

const WAIT_SECONDS = 120;
/** A host that vanishes does not say so: its lock is free when its session has been idle for so long. The living say something. */
const IDLE_SECONDS = 60;
const WORDS_WITHIN_IDLE_TIME = 4;

export interface MigrateOptions {
  /** Called before the first one runs; not called when there is none to run. */
  readonly onBegin?: () => void;
  /** For tests: after how many seconds of silence the server ends the session that holds the lock. */
  readonly idleSeconds?: number;
}

/**
 * Runs what has not been run, under a lock that dies with its holder: many instances may start at once.
 * @returns the names of the migrations this call ran
 */
export async function migrate(
  dataSource: DataSource, kind: DatabaseKind, { onBegin, idleSeconds = IDLE_SECONDS }: MigrateOptions = {},
): Promise<string[]> {
  return await underLock(dataSource, kind, idleSeconds, async () => {
    if (onBegin && (await dataSource.showMigrations())) onBegin();
    // SQLite's foreign keys are switched off around a migration by TypeORM, on the one connection it has.
    const ran = await dataSource.runMigrations({ transaction: kind === 'sqlite' ? 'each' : 'none' });
    return ran.map((migration) => migration.name);
  });
}

/** Neither does a service start, since it would migrate first: it waits, and gives up after two minutes. */
export async function whileNobodyMigrates<T>(dataSource: DataSource, kind: DatabaseKind, work: () => Promise<T>): Promise<T> {
  return await underLock(dataSource, kind, IDLE_SECONDS, work);
}

async function underLock<T>(dataSource: DataSource, kind: DatabaseKind, idleSeconds: number, work: () => Promise<T>): Promise<T> {
  if (kind === 'sqlite') return await underFileLock(String(dataSource.options.database), work);
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query(`SET SESSION wait_timeout = ${String(idleSeconds)}`);
    await takeServerLock(runner);
    const awake = setInterval(() => {
      runner.query('SELECT 1').catch(() => undefined); // a lost connection shows where the lock is given back
    }, (idleSeconds * 1000) / WORDS_WITHIN_IDLE_TIME);
    try {
      return await work();
    } finally {
      clearInterval(awake);
      await runner.query('SELECT RELEASE_LOCK(LEFT(CONCAT(DATABASE(), ?), 64))', [LOCK_SUFFIX]);
    }
  } finally {
    await runner.release();
  }
}

const LOCK_SUFFIX = '.migrate';

async function takeServerLock(runner: QueryRunner): Promise<void> {
  const rows: unknown = await runner.query(
    'SELECT GET_LOCK(LEFT(CONCAT(DATABASE(), ?), 64), ?) AS taken', [LOCK_SUFFIX, WAIT_SECONDS],
  );
  const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (typeof first !== 'object' || first === null || !('taken' in first) || Number(first.taken) !== 1) {
    throw new Error(`Another instance has been migrating the database for ${String(WAIT_SECONDS)} seconds; start again when it has finished.`);
  }
}

async function underFileLock<T>(databaseFile: string, work: () => Promise<T>): Promise<T> {
  const lockFile = `${databaseFile}.lock`;
  makePrivateFile(lockFile);
  const lock = new Database(lockFile, { timeout: 0 });
  try {
    const deadline = Date.now() + WAIT_SECONDS * 1000;
    for (;;) {
      try {
        lock.exec('BEGIN EXCLUSIVE');
        break;
      } catch (error) {
        const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
        if (!busy || Date.now() > deadline) throw error;
        await delay(50);
      }
    }
    return await work();
  } finally {
    lock.close();
  }
}
