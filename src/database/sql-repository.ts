import type { EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import type { Dialect, SqlValue } from './dialect.js';
import { Tx } from './tx.js';

/** What every repository stands on: the only place where a `Tx` is opened. */
export abstract class SqlRepository {
  constructor(protected readonly dialect: Dialect) {}

  protected manager(tx: Tx): EntityManager {
    return Tx.managerOf(tx);
  }

  protected repository<E extends ObjectLiteral>(tx: Tx, entity: EntityTarget<E>): Repository<E> {
    return Tx.managerOf(tx).getRepository(entity);
  }

  /** Rows of a SELECT, as the driver gives them: read times with `dialect.readTime`. */
  protected async select<Row>(tx: Tx, sql: string, parameters: readonly SqlValue[] = []): Promise<Row[]> {
    return await Tx.managerOf(tx).query<Row[]>(sql, [...parameters]);
  }

  /** Runs a statement and gives the number of rows it matched (not always changed: see `dialect`). */
  protected async execute(tx: Tx, sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    const result: unknown = await Tx.managerOf(tx).queryRunner?.query(sql, [...parameters], true);
    return affectedRows(result);
  }

  /**
   * `INSERT INTO table (columns) VALUES …` in statements of at most a few thousand parameters; `ending` is the
   * dialect's `ignoreDuplicates` or `upsert`.
   */
  protected async insertRows(
    tx: Tx,
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    ending = '',
  ): Promise<void> {
    const perStatement = rowsPerStatement(columns.length);
    const placeholders = `(${columns.map(() => '?').join(', ')})`;
    for (let from = 0; from < rows.length; from += perStatement) {
      const slice = rows.slice(from, from + perStatement);
      const values = Array<string>(slice.length).fill(placeholders).join(', ');
      const parameters: SqlValue[] = [];
      for (const row of slice) parameters.push(...row);
      await this.execute(tx, `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values}${ending}`, parameters);
    }
  }
}

/** 66,000 placeholders overflow the server's thread stack; this is far below. */
const MAX_PARAMETERS = 3000;

/** How many rows of so many columns `insertRows` puts into one statement. */
export function rowsPerStatement(columns: number): number {
  return Math.max(1, Math.floor(MAX_PARAMETERS / columns));
}

/** `?, ?, ?` for an IN list of `count` values (at least one). */
export function placeholders(count: number): string {
  return Array<string>(count).fill('?').join(', ');
}

function affectedRows(result: unknown): number {
  return typeof result === 'object' && result !== null && 'affected' in result ? Number(result.affected) : 0;
}
