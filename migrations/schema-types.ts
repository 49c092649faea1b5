import { TableColumn, TableForeignKey, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';

/**
 * Column shapes that mean the same on SQLite, MySQL and MariaDB. Charset and collation are stated only where the server
 * knows them: SQLite compares byte for byte by itself.
 */
export function columnsFor(queryRunner: QueryRunner) {
  const sqlite = isSqlite(queryRunner);
  const ascii = sqlite ? {} : { charset: 'ascii', collation: 'ascii_bin' };
  const binary = sqlite ? {} : { charset: 'utf8mb4', collation: 'utf8mb4_bin' };
  const unicode = sqlite ? {} : { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' };
  const column = (name: string, options: Omit<TableColumnOptions, 'name'>): TableColumn =>
    new TableColumn({ name, ...options });

  return {
    /** Ids, hashes, enumerations: ASCII, compared byte for byte. */
    ascii: (name: string, length: number, more: Partial<TableColumnOptions> = {}) =>
      column(name, { type: 'varchar', length: String(length), ...ascii, ...more }),
    /** Ids made elsewhere: any character, compared byte for byte. */
    binary: (name: string, length: number, more: Partial<TableColumnOptions> = {}) =>
      column(name, { type: 'varchar', length: String(length), ...binary, ...more }),
    /** Names people read. */
    text: (name: string, length: number, more: Partial<TableColumnOptions> = {}) =>
      column(name, { type: 'varchar', length: String(length), ...unicode, ...more }),
    /** Anything long: JSON (as text, since drivers that parse it round big numbers), payloads, templates. */
    long: (name: string, more: Partial<TableColumnOptions> = {}) =>
      column(name, sqlite ? { type: 'text', ...more } : { type: 'longtext', ...binary, ...more }),
    integer: (name: string, more: Partial<TableColumnOptions> = {}) =>
      column(name, { type: sqlite ? 'integer' : 'int', ...more }),
    boolean: (name: string, more: Partial<TableColumnOptions> = {}) =>
      column(name, { type: sqlite ? 'boolean' : 'tinyint', ...(sqlite ? {} : { width: 1 }), ...more }),
    time: (name: string, more: Partial<TableColumnOptions> = {}) =>
      column(name, { type: 'datetime', precision: 3, ...more }),
    sequence: (name: string) =>
      column(name, {
        type: sqlite ? 'integer' : 'bigint',
        isPrimary: true,
        isGenerated: true,
        generationStrategy: 'increment',
      }),
  };
}

/** Deleting an account goes in pieces, children first; the key is what keeps a straggler from being left behind. */
export function accountReference(table: string): TableForeignKey {
  return new TableForeignKey({
    name: `fk_${table}_account`,
    columnNames: ['account_id'],
    referencedTableName: 'instagram_business_accounts',
    referencedColumnNames: ['id'],
    onDelete: 'NO ACTION',
    onUpdate: 'NO ACTION',
  });
}

export function index(name: string, ...columnNames: string[]): TableIndex {
  return new TableIndex({ name, columnNames });
}

export function uniqueIndex(name: string, ...columnNames: string[]): TableIndex {
  return new TableIndex({ name, columnNames, isUnique: true });
}

/** Repeatable: a column that stands already is left as it is. */
export async function addMissing(queryRunner: QueryRunner, table: string, columns: readonly TableColumn[]): Promise<void> {
  for (const column of columns) {
    if (!(await queryRunner.hasColumn(table, column.name))) await addColumn(queryRunner, table, column);
  }
}

/** TypeORM would make an SQLite table anew, whose ids then begin again behind the last row that is left: those of deleted rows come back. */
async function addColumn(queryRunner: QueryRunner, table: string, column: TableColumn): Promise<void> {
  if (isSqlite(queryRunner)) await queryRunner.query(`ALTER TABLE "${table}" ADD COLUMN ${sqliteDefinition(column)}`);
  else await queryRunner.addColumn(table, column);
}

/** As TypeORM writes it where it makes the whole table. */
function sqliteDefinition({ name, type, length, precision, isNullable, default: value }: TableColumn): string {
  const size = length === '' ? precision : length;
  const parts = [`"${name}"`, size ? `${type}(${String(size)})` : type, isNullable ? '' : 'NOT NULL', value === undefined ? '' : `DEFAULT (${String(value)})`];
  return parts.filter((part) => part !== '').join(' ');
}

/** Repeatable: what is gone is gone. */
export async function dropExisting(queryRunner: QueryRunner, table: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (await queryRunner.hasColumn(table, name)) await dropColumn(queryRunner, table, name);
  }
}

/** TypeORM would make an SQLite table anew, which its rows in other tables forbid: on the way back their foreign keys are on. */
async function dropColumn(queryRunner: QueryRunner, table: string, name: string): Promise<void> {
  if (isSqlite(queryRunner)) await queryRunner.query(`ALTER TABLE "${table}" DROP COLUMN "${name}"`);
  else await queryRunner.dropColumn(table, name);
}

function isSqlite(queryRunner: QueryRunner): boolean {
  return queryRunner.dataSource.options.type === 'better-sqlite3';
}
