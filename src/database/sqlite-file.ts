import Database from 'better-sqlite3';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { messageOf } from '../common/errors.js';

/** One that is just ending is waited for. */
const WAIT_MS = 1_000;

/**
 * An embedded database that is read to be moved elsewhere. While it is open here nobody else has it open, and nobody can open it:
 * in exclusive mode a file in WAL mode is opened only where no other process has it open, however idle that one is.
 */
export class SqliteFile {
  private constructor(
    private readonly path: string,
    private readonly db: Database.Database,
  ) {}

  /** @throws with a message for people where it is none, or not ours alone; it is as it was then. */
  static open(path: string): SqliteFile {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw new Error(`There is no file ${path}.`);
    if (existsSync(movedName(path))) throw new Error(`There is a file ${movedName(path)} already: put it elsewhere, so that ${path} can be called so when it has been copied.`);
    const file = new SqliteFile(path, opened(path));
    try {
      file.takeAlone();
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get movedName(): string {
    return movedName(this.path);
  }

  /** Names of the migrations that have run, oldest first. */
  get migrations(): string[] {
    return this.select<{ name: string }>('SELECT name FROM migrations ORDER BY id').map(({ name }) => name);
  }

  select<Row>(sql: string): Row[] {
    return this.db.prepare<[], Row>(sql).all();
  }

  count(table: string): number {
    return this.select<{ count: number }>(`SELECT COUNT(*) AS count FROM ${table}`)[0]?.count ?? 0;
  }

  /** All rows in the order of their rowid, which is each row's first value; one at a time. Nothing else is read here meanwhile. */
  rows(table: string, columns: readonly string[]): IterableIterator<unknown[]> {
    return this.db.prepare<[], unknown[]>(`SELECT rowid, ${columns.join(', ')} FROM ${table} ORDER BY rowid`).raw(true).iterate();
  }

  /** The highest id that was ever given in a numbered table; null where none was. */
  lastId(table: string): number | null {
    return this.db.prepare<[string], { seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?').get(table)?.seq ?? null;
  }

  /** Puts it where no start looks for it, whole in one file, before anybody else can open it. */
  moveAway(): void {
    this.db.exec('COMMIT');
    // What is in the -wal file comes into the file itself, and closing it touches no other file.
    if (this.db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') throw new Error('its -wal file could not be dissolved');
    rmSync(`${this.path}-shm`, { force: true });
    renameSync(this.path, this.movedName);
    this.close();
  }

  close(): void {
    this.db.close();
  }

  private takeAlone(): void {
    try {
      this.db.pragma('locking_mode = EXCLUSIVE');
      this.db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      throw refusal(this.path, error);
    }
    const tables = this.select<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('migrations', 'instagram_business_accounts')");
    if (tables.length < 2) throw new Error(`${this.path} is not a database of this service.`);
  }
}

function movedName(path: string): string {
  return `${path}.moved`;
}

function opened(path: string): Database.Database {
  try {
    return new Database(path, { fileMustExist: true, timeout: WAIT_MS });
  } catch (error) {
    throw refusal(path, error);
  }
}

function refusal(path: string, error: unknown): Error {
  // By its code: the driver makes its errors of the class that it was first loaded with in this process, and under Jest that is another's.
  const code = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'SQLITE_NOTADB') return new Error(`${path} is not an SQLite database.`, { cause: error });
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new Error(`${path} is open in another process: stop the service (and whatever else has the file open), and run this again.`, { cause: error });
  }
  return new Error(`${path} cannot be opened: ${messageOf(error)}`, { cause: error });
}
