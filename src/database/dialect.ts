import type { DatabaseKind } from './database-kind.js';

/** A value a driver takes as a parameter. */
export type SqlValue = string | number | boolean | Date | null;

/** Times written out lately: those of a batch or two. */
const TIMES_KEPT = 256;

/**
 * Everything in which SQLite and MySQL/MariaDB differ in our statements, and nothing else. Statements are written in
 * the SQL both have, with `?` for parameters.
 */
export class Dialect {
  readonly isSqlite: boolean;
  /** By their milliseconds. */
  private readonly times = new Map<number, string>();

  constructor(readonly kind: DatabaseKind) {
    this.isSqlite = kind === 'sqlite';
  }

  /** Its statements and commits keep this process's event loop, which waits for a server's. */
  get keepsTheLoop(): boolean {
    return this.isSqlite;
  }

  /**
   * Ends an INSERT so that rows whose unique key stands already are left as they are. On MySQL a column of that key is
   * assigned to itself: `INSERT IGNORE` would swallow truncation too, and assigning an auto-increment column loses rows.
   * Duplicates within one statement must be removed before.
   */
  ignoreDuplicates(uniqueKey: readonly [string, ...string[]]): string {
    return this.isSqlite
      ? ` ON CONFLICT (${uniqueKey.join(', ')}) DO NOTHING`
      : ` ON DUPLICATE KEY UPDATE ${uniqueKey[0]} = ${uniqueKey[0]}`;
  }

  /**
   * Ends an INSERT so that a row whose unique key stands already is updated: `assignments` maps a column to an
   * expression, in which `${d.incoming('col')}` is the value the INSERT brought.
   * MySQL evaluates assignments from left to right and later ones see earlier results: order them accordingly.
   */
  upsert(uniqueKey: readonly [string, ...string[]], assignments: Readonly<Record<string, string>>): string {
    const set = Object.entries(assignments)
      .map(([column, expression]) => `${column} = ${expression}`)
      .join(', ');
    return this.isSqlite
      ? ` ON CONFLICT (${uniqueKey.join(', ')}) DO UPDATE SET ${set}`
      : ` ON DUPLICATE KEY UPDATE ${set}`;
  }

  incoming(column: string): string {
    return this.isSqlite ? `excluded.${column}` : `VALUES(${column})`;
  }

  /** The larger of two expressions, null where either is null. */
  greatest(a: string, b: string): string {
    return this.isSqlite ? `max(${a}, ${b})` : `GREATEST(${a}, ${b})`;
  }

  /**
   * `SELECT by…, MIN(of) AS name … GROUP BY by…`, along an index of exactly these columns, without reading all of it: the
   * servers skip from group to group by themselves, SQLite has to be led.
   */
  smallestOfEach(table: string, by: readonly [string, ...string[]], of: string, name: string): string {
    if (!this.isSqlite) return `SELECT ${by.join(', ')}, MIN(${of}) AS ${name} FROM ${table} GROUP BY ${by.join(', ')}`;
    const order = [...by, of].join(', ');
    const columns = [...by, name].join(', ');
    // The next group differs in its last column first, then in the one before: each is one probe.
    const probes = by.map((column, index) => {
      const same = by.slice(0, index).map((before) => `n.${before} = found.${before} AND `).join('');
      return `(SELECT n.rowid FROM ${table} n WHERE ${same}n.${column} > found.${column} ORDER BY ${order} LIMIT 1)`;
    });
    const next = probes.length === 1 ? probes.join('') : `COALESCE(${probes.reverse().join(', ')})`;
    return `WITH RECURSIVE found(${columns}) AS (
      SELECT * FROM (SELECT ${order} FROM ${table} ORDER BY ${order} LIMIT 1)
      UNION ALL SELECT ${[...by, of].map((column) => `t.${column}`).join(', ')} FROM found JOIN ${table} t ON t.rowid = ${next}
    ) SELECT ${columns} FROM found`;
  }

  /** Stands behind a table: where several indexes begin alike, servers may take one that does not give the order wanted, and sort. */
  along(index: string): string {
    return this.isSqlite ? ` INDEXED BY ${index}` : ` FORCE INDEX (${index})`;
  }

  /**
   * After the name of a table whose primary key is one number, in a SELECT or an UPDATE: rows are looked up by it, and no other
   * index is weighed. Left to itself SQLite, which keeps no counts, takes an account to have ten rows, and reads all of its
   * million for a list of twenty ids.
   */
  get byPrimaryKey(): string {
    return this.isSqlite ? ' NOT INDEXED' : ' FORCE INDEX (PRIMARY)';
  }

  /** The same for a table with any other primary key: for SQLite that is an index, which it names itself. */
  byTextKey(table: string): string {
    return this.isSqlite ? ` INDEXED BY sqlite_autoindex_${table}_1` : ' FORCE INDEX (PRIMARY)';
  }

  /**
   * Begins a DELETE whose rows are looked up by their primary key, a number. Without it MySQL weighs every index that begins with
   * a column of the condition, with a probe for each value of each list, which costs more than the deletion.
   */
  deleteByPrimaryKey(table: string): string {
    return this.isSqlite ? `DELETE FROM ${table}${this.byPrimaryKey}` : `DELETE /*+ INDEX(${table} PRIMARY) */ FROM ${table}`;
  }

  /** The same for a table with any other primary key. */
  deleteByTextKey(table: string): string {
    return this.isSqlite ? `DELETE FROM ${table}${this.byTextKey(table)}` : this.deleteByPrimaryKey(table);
  }

  /** Ends a SELECT that locks its rows and passes over those another transaction holds. SQLite has one writer anyway. */
  get forUpdateSkipLocked(): string {
    return this.isSqlite ? '' : ' FOR UPDATE SKIP LOCKED';
  }

  /** Ends a SELECT that shares its rows' locks, as a row that refers to them does, and passes over those it would have to wait for. */
  get forShareSkipLocked(): string {
    if (this.isSqlite) return '';
    return this.kind === 'mariadb' ? ' LOCK IN SHARE MODE SKIP LOCKED' : ' FOR SHARE SKIP LOCKED';
  }

  get forUpdate(): string {
    return this.isSqlite ? '' : ' FOR UPDATE';
  }

  /** Ends a SELECT that shares its rows' locks: they stay as they are until the transaction ends, and others may refer to them. */
  get forShare(): string {
    if (this.isSqlite) return '';
    return this.kind === 'mariadb' ? ' LOCK IN SHARE MODE' : ' FOR SHARE';
  }

  /**
   * A time as a parameter: UTC, milliseconds; as text for every database. Most times of a statement are the same few moments, each
   * of which MySQL's driver would write out anew.
   */
  time(at: Date | null | undefined): SqlValue {
    if (at === null || at === undefined) return null;
    const ms = at.getTime();
    const known = this.times.get(ms);
    if (known !== undefined) return known;
    const text = at.toISOString().replace('T', ' ').replace('Z', '');
    if (this.times.size >= TIMES_KEPT) this.times.clear();
    this.times.set(ms, text);
    return text;
  }

  /** A time as a raw row holds it: a Date on MySQL, text on SQLite. */
  readTime(value: unknown): Date | null {
    if (value === null || value === undefined) return null;
    if (value instanceof Date) return value;
    if (typeof value === 'string') return new Date(`${value.replace(' ', 'T')}Z`);
    throw new Error('not a time');
  }

  /** True when a unique key refused the row. */
  isDuplicateKey(error: unknown): boolean {
    const code = driverCode(error);
    return code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
  }

  /** True when the row that a foreign key names is not there (any more). */
  isMissingReference(error: unknown): boolean {
    const code = driverCode(error);
    return code === 'ER_NO_REFERENCED_ROW_2' || code === 'ER_NO_REFERENCED_ROW' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
  }

  /** True when the same work, run again from its start, may well succeed at once. */
  isTransient(error: unknown): boolean {
    const code = driverCode(error);
    return code !== undefined && (TRANSIENT.has(code) || isOf(['SQLITE_BUSY'], code));
  }

  /** True when it is the database's trouble, not that of what was written: the same may succeed later. */
  isPassing(error: unknown): boolean {
    return this.isUnavailable(error) || this.isTransient(error);
  }

  /** True when somebody else kept a row locked for longer than is waited for. Transient, but not to be tried again at once. */
  isLockWait(error: unknown): boolean {
    return driverCode(error) === 'ER_LOCK_WAIT_TIMEOUT';
  }

  /** True when the server takes no changes any more: after a failover the connection is to the former primary. */
  isReadOnlyServer(error: unknown): boolean {
    const code = driverCode(error);
    return code !== undefined && READ_ONLY.has(code);
  }

  /** True when the database could not be reached or went away: the caller should say "come back later". */
  isUnavailable(error: unknown): boolean {
    const code = driverCode(error);
    return code === undefined ? isClosed(error) : UNAVAILABLE.has(code) || isOf(UNAVAILABLE_FILE, code);
  }
}

const TRANSIENT = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'SQLITE_LOCKED']);
const READ_ONLY = new Set(['ER_OPTION_PREVENTS_STATEMENT', 'ER_READ_ONLY_MODE', 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', 'ER_INNODB_READ_ONLY']);
/** The server is there and lets us in no more: too many of us, a password that is being changed, an operator at work. */
const REFUSED = [
  'ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED', 'ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR',
  'ER_ACCOUNT_HAS_BEEN_LOCKED', 'ER_SERVER_OFFLINE_MODE',
];
const UNAVAILABLE = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST', 'ERR_STREAM_DESTROYED', 'ER_SERVER_SHUTDOWN', 'POOL_CLOSED', 'ER_QUERY_INTERRUPTED',
  'SQLITE_FULL', 'SQLITE_CANTOPEN', 'ER_DISK_FULL', 'ER_RECORD_FILE_FULL', ...REFUSED, ...READ_ONLY,
]);
/**
 * The disk fails, or takes no changes; also a file that was moved away (SQLITE_READONLY_DBMOVED), which takes a restart to find:
 * until then nothing is the fault of what was written. SQLITE_CANTOPEN means this alone, a journal for which no file could be
 * opened at the moment; its extended codes tell of a wrong path, which the start finds.
 */
const UNAVAILABLE_FILE = ['SQLITE_IOERR', 'SQLITE_READONLY'] as const;

/** better-sqlite3 gives extended codes: `SQLITE_IOERR_WRITE` is one of `SQLITE_IOERR`. */
function isOf(families: readonly string[], code: string): boolean {
  return families.some((family) => code === family || code.startsWith(`${family}_`));
}

/** mysql2's word for a connection that has ended already: it has no code. */
function isClosed(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('fatal' in error && error.fatal === true) return true;
  return 'driverError' in error && error.driverError !== error && isClosed(error.driverError);
}

function driverCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('driverError' in error && error.driverError !== error) {
    const inner = driverCode(error.driverError);
    if (inner !== undefined) return inner;
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
