export { DatabaseModule } from './database.module.js';
export { Dialect, type SqlValue } from './dialect.js';
export type { DatabaseKind } from './database-kind.js';
export { charactersOf, placeholders, rowsPerStatement, SqlRepository, statementsOf } from './sql-repository.js';
export { TransactionRunner } from './transaction-runner.js';
export { Tx } from './tx.js';
export { LongText, SequenceKey, TimeColumn } from './columns.js';
export { dataSourceOptions, detectDatabaseKind, openDataSource, SQLITE_FILE, type Schema } from './data-source.js';
export { migrate } from './migrate.js';
