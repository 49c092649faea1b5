import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { parseEnvironment } from '../../src/config/index.js';
import { Dialect, migrate, openDataSource, type Schema, type TransactionRunner } from '../../src/database/index.js';
import { SerialTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';

export interface TestDatabaseHandle {
  readonly dataSource: DataSource;
  readonly dialect: Dialect;
  readonly transactions: TransactionRunner;
  /** The folder that holds the file: to be searched for what must not be in it. */
  readonly folder: string;
  close(): Promise<void>;
}

/** For repository specs: a real SQLite file with the real schema, in a folder of its own, opened as the service does. */
export async function openTestDatabase(entities: Schema['entities']): Promise<TestDatabaseHandle> {
  const folder = mkdtempSync(join(tmpdir(), 'direct-spec-'));
  const settings = parseEnvironment({ DATA_DIR: folder });
  const { dataSource, kind } = await openDataSource(settings, { entities, migrations: MIGRATIONS });
  await migrate(dataSource, kind);
  const dialect = new Dialect(kind);
  return {
    dataSource,
    dialect,
    transactions: new SerialTransactionRunner(dataSource, dialect),
    folder,
    close: async () => {
      await dataSource.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
