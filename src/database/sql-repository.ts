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
   * `INSERT INTO table (columns) VALUES …` in statements of at most a few thousand parameters and some megabytes; `ending`
   * is the dialect's `ignoreDuplicates` or `upsert`.
   */
  protected async insertRows(
    tx: Tx,
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    ending = '',
  ): Promise<void> {
    const placeholders = `(${columns.map(() => '?').join(', ')})`;
    for (const slice of statementsOf(rows, rowsPerStatement(columns.length), charactersOf)) {
      const values = Array<string>(slice.length).fill(placeholders).join(', ');
      const parameters: SqlValue[] = [];
      for (const row of slice) parameters.push(...row);
      await this.execute(tx, `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values}${ending}`, parameters);
    }
  }
}

/** 66,000 placeholders overflow the server's thread stack; this is far below. */
const MAX_PARAMETERS = 3000;

/**
 * A statement is sent as text, and MariaDB takes 16 MiB as it is delivered: some megabytes of text stay below that, at three
 * bytes each. What the inbox puts into one statement is smaller.
 */
const MAX_CHARACTERS = 5 * 1024 * 1024;

/** Items in their order, as many at a time as one statement takes: `most`, and `MAX_CHARACTERS` by `sizeOf`, but for one that is larger alone. */
export function* statementsOf<Item>(items: readonly Item[], most: number, sizeOf: (item: Item) => number): Generator<readonly Item[]> {
  let from = 0;
  let size = 0;
  for (const [i, item] of items.entries()) {
    const own = sizeOf(item);
    if (i > from && (i - from >= most || size + own > MAX_CHARACTERS)) {
      yield items.slice(from, i);
      from = i;
      size = 0;
    }
    size += own;
  }
  if (from < items.length) yield items.slice(from);
}

export function charactersOf(values: readonly SqlValue[]): number {
  let count = 0;
  for (const value of values) if (typeof value === 'string') count += value.length;
  return count;
}

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
