import type { DataSource } from 'typeorm';
import { messageOf } from '../common/errors.js';
import { copiedTables, copiedValue, nameOfRow, type CopiedTable } from './copied-table.js';
import type { Schema } from './data-source.js';
import type { Dialect, SqlValue } from './dialect.js';
import { whileNobodyMigrates } from './migrate.js';
import type { SqliteFile } from './sqlite-file.js';
import { charactersOf, SqlRepository } from './sql-repository.js';
import type { TransactionRunner } from './transaction-runner.js';

export interface CopyProgress {
  readonly done: number;
  readonly total: number;
}

/** What one transaction takes, and what is in memory at a time (and one row more). */
const PIECE = { rows: 1_500, characters: 4 * 1024 * 1024 };
/** For whoever has a database that is half full. */
const BEGIN_ANEW = 'Drop that database and create it again (DROP DATABASE …; CREATE DATABASE …), and run this again.';

interface Row {
  readonly values: readonly SqlValue[];
  readonly name: string;
}

/**
 * Copies an embedded database into this one, a server's. It is not resumable: broken off, the server's database is half full, and
 * refused from then on.
 */
export class DatabaseCopy extends SqlRepository {
  constructor(
    private readonly dataSource: DataSource,
    dialect: Dialect,
    private readonly transactions: TransactionRunner,
  ) {
    super(dialect);
  }

  /** @throws with a message for people unless both have the same tables, and those here are empty */
  async check(source: SqliteFile, entities: Schema['entities']): Promise<void> {
    const here = await this.transactions.read((tx) => this.select<{ name: string }>(tx, 'SELECT name FROM migrations ORDER BY id'));
    const refusal = versionRefusal(source.migrations, here.map(({ name }) => name));
    if (refusal !== null) throw new Error(refusal);
    for (const { name } of copiedTables(this.dataSource, entities)) {
      const rows = await this.transactions.read((tx) => this.select(tx, `SELECT 1 AS found FROM ${name} LIMIT 1`));
      if (rows.length > 0) throw new Error(`The database that MYSQL_URL or MYSQL_HOST names is not empty: there are rows in ${name}. Use another one; or, if nothing in it is wanted (a copy that was broken off, a service that was only tried), drop it and create it again.`);
    }
  }

  /** Meanwhile no service starts here. @returns how many rows were copied; as many are here */
  async run(source: SqliteFile, entities: Schema['entities'], onProgress: (progress: CopyProgress) => void): Promise<number> {
    const tables = copiedTables(this.dataSource, entities).map((table) => ({ table, rows: source.count(table.name) }));
    const total = tables.reduce((sum, { rows }) => sum + rows, 0);
    return await whileNobodyMigrates(this.dataSource, this.dialect.kind, async () => {
      let done = 0;
      onProgress({ done, total });
      for (const { table } of tables) {
        for (const piece of piecesOf(this.read(source, table))) {
          await this.insert(table, piece);
          onProgress({ done: (done += piece.length), total });
        }
        await this.countOn(source, table);
      }
      for (const { table, rows } of tables) await this.verify(table, rows);
      return done;
    });
  }

  private *read(source: SqliteFile, table: CopiedTable): Generator<Row> {
    for (const row of source.rows(table.name, table.columns.map(({ name }) => name))) {
      const name = nameOfRow(table, row);
      try {
        yield { name, values: table.columns.map((column, index) => copiedValue(row[index + 1], column, this.dialect)) };
      } catch (error) {
        throw refused(name, error);
      }
    }
  }

  private async insert(table: CopiedTable, rows: readonly Row[]): Promise<void> {
    const columns = table.columns.map(({ name }) => name);
    const store = (some: readonly Row[]) =>
      this.transactions.run((tx) => this.insertRows(tx, table.name, columns, some.map(({ values }) => values)));
    try {
      await store(rows);
    } catch (error) {
      if (this.dialect.isPassing(error)) throw new Error(`The copy broke off at ${rows[0]?.name ?? table.name}: ${messageOf(error)}. ${BEGIN_ANEW}`, { cause: error });
      // The server says what it refuses, and not of which row: that one is refused alone, too.
      for (const row of rows) await store([row]).catch((alone: unknown) => {
        throw refused(row.name, alone);
      });
    }
  }

  /** The ids of deleted rows are not given again: what was sent, and the audit trail, name them. */
  private async countOn(source: SqliteFile, { name, isNumbered }: CopiedTable): Promise<void> {
    const last = isNumbered ? source.lastId(name) : null;
    if (last === null) return;
    await this.transactions.write((tx) => this.execute(tx, `ALTER TABLE ${name} AUTO_INCREMENT = ${String(last + 1)}`));
  }

  private async verify({ name }: CopiedTable, rows: number): Promise<void> {
    const [here] = await this.transactions.read((tx) => this.select<{ count: number | string }>(tx, `SELECT COUNT(*) AS count FROM ${name}`));
    const count = Number(here?.count);
    if (count !== rows) throw new Error(`Of ${name} there are ${String(count)} rows, and ${String(rows)} in the file: something else writes into this database. Stop it. ${BEGIN_ANEW}`);
  }
}

function refused(row: string, error: unknown): Error {
  return new Error(`Not copied: ${row}: ${messageOf(error)}. The file is as it was. Set that row right in it (sqlite3). ${BEGIN_ANEW}`, { cause: error });
}

/** Null: both have run the same migrations. */
export function versionRefusal(source: readonly string[], here: readonly string[]): string | null {
  const missing = here.filter((name) => !source.includes(name));
  if (missing.length > 0) return `The file was last used by an older version (it lacks ${missing.join(', ')}): start this version on it once, without any MYSQL_ variable, stop it, and run this again.`;
  const unknown = source.filter((name) => !here.includes(name));
  if (unknown.length > 0) return `The file was last used by a newer version (it has ${unknown.join(', ')}): run this with that version.`;
  return null;
}

/** In their order; each ends at so many rows, or with the row that makes it too large. */
export function* piecesOf(rows: Iterable<Row>): Generator<Row[]> {
  let piece: Row[] = [];
  let characters = 0;
  for (const row of rows) {
    piece.push(row);
    characters += charactersOf(row.values);
    if (piece.length < PIECE.rows && characters < PIECE.characters) continue;
    yield piece;
    piece = [];
    characters = 0;
  }
  if (piece.length > 0) yield piece;
}
