import type { DataSource } from 'typeorm';
import type { Schema } from './data-source.js';
import type { Dialect, SqlValue } from './dialect.js';

/** A table as it is copied from one database to another. */
export interface CopiedTable {
  readonly name: string;
  readonly columns: readonly CopiedColumn[];
  /** Its ids are counted on by the database. */
  readonly isNumbered: boolean;
}

export interface CopiedColumn {
  readonly name: string;
  readonly isTime: boolean;
  readonly isKey: boolean;
}

/** Those that refer to nothing come first. */
export function copiedTables(dataSource: DataSource, entities: Schema['entities']): CopiedTable[] {
  const all = entities.map((entity) => dataSource.getMetadata(entity));
  const parents = all.filter(({ foreignKeys }) => foreignKeys.length === 0);
  const children = all.filter(({ foreignKeys }) => foreignKeys.length > 0);
  return [...parents, ...children].map(({ tableName, columns }) => ({
    name: tableName,
    columns: columns.map(({ databaseName, type, isPrimary }) => ({ name: databaseName, isTime: type === 'datetime', isKey: isPrimary })),
    isNumbered: columns.some(({ isGenerated }) => isGenerated),
  }));
}

/** A value as SQLite gives it, in the form in which a server takes it. @throws where it would be stored as another one */
export function copiedValue(value: unknown, { name, isTime }: CopiedColumn, dialect: Dialect): SqlValue {
  if (value === null) return null;
  if (isTime) {
    const time = typeof value === 'string' ? dialect.readTime(value) : null;
    const text = time === null || Number.isNaN(time.getTime()) ? null : dialect.time(time);
    // A day that no month has would be another one, and what is finer than milliseconds would be lost.
    if (typeof value !== 'string' || typeof text !== 'string' || !text.startsWith(value)) throw new Error(`${name} is not a time: ${JSON.stringify(value)}`);
    return text;
  }
  if (typeof value === 'string') return value;
  // Of another number the server would store the nearest whole one, without a word.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Error(`${name} is neither text nor a whole number`);
}

/** As people find it: `row 7 (account_id 178…, id 0190…)`. `row` begins with its rowid. */
export function nameOfRow(table: CopiedTable, row: readonly unknown[]): string {
  const keys = table.columns.flatMap(({ name, isKey }, index) => (isKey ? [`${name} ${String(row[index + 1])}`] : []));
  return `row ${String(row[0])} of ${table.name} (${keys.join(', ')})`;
}
