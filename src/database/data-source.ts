import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { DataSource, getMetadataArgsStorage, type DataSourceOptions, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { AppSettings, MysqlSettings } from '../config/index.js';
import { PORTABLE_TYPES } from './columns.js';
import type { DatabaseKind } from './database-kind.js';
import { tlsOf } from './mysql-tls.js';
import { makePrivateFile } from './private-file.js';

export interface Schema {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type of an entity class
  readonly entities: readonly (Function | EntitySchema)[];
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** MariaDB must be opened as `mariadb`, MySQL as `mysql`: each the other way round drifts. Only the server knows. */
export async function detectDatabaseKind(settings: AppSettings): Promise<DatabaseKind> {
  if (!settings.mysql) return 'sqlite';
  const version = await serverVersion(settings.mysql);
  // It takes SKIP LOCKED and locks nothing (docs/scaling.md): order, and "never twice", would be gone without an error.
  if (/tidb/i.test(version)) throw new Error(`the server is TiDB (${version}), which does not lock rows as this service needs it`);
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}

export async function serverVersion(mysql: MysqlSettings): Promise<string> {
  const connection = await createConnection({
    host: mysql.host,
    port: mysql.port,
    user: mysql.username,
    password: mysql.password,
    database: mysql.database,
    connectTimeout: 10_000,
    ssl: tlsOf(mysql),
  });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
    return typeof first === 'object' && first !== null && 'version' in first ? String(first.version) : '';
  } finally {
    await connection.end();
  }
}

/** The options both the app and `ormconfig.ts` use. Migrations are run by `migrate`, under a lock, never by TypeORM itself. */
export function dataSourceOptions(settings: AppSettings, kind: DatabaseKind, schema: Schema): DataSourceOptions {
  portableColumns(kind);
  const common = { entities: [...schema.entities], migrations: [...schema.migrations], synchronize: false, migrationsRun: false };
  if (settings.mysql && kind !== 'sqlite') {
    return {
      ...common,
      type: kind,
      host: settings.mysql.host,
      port: settings.mysql.port,
      database: settings.mysql.database,
      username: settings.mysql.username,
      password: settings.mysql.password,
      charset: 'utf8mb4',
      timezone: 'Z',
      isolationLevel: 'READ COMMITTED',
      bigNumberStrings: false,
      supportBigNumbers: true,
      poolSize: 16,
      connectTimeout: 10_000,
      ssl: tlsOf(settings.mysql),
      // No stack is taken with every statement in case it fails: TypeORM's error says where it was made.
      // Fewer may be idle than there may be, or the driver would never retire one: an idle connection has to end before the server ends it.
      extra: { enableKeepAlive: true, maxIdle: 15, idleTimeout: 60_000, gracefulEnd: true, trace: false },
    };
  }
  // Customers' messages lie here: nobody else on this machine needs to read them.
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  const file = join(settings.dataDir, SQLITE_FILE);
  makePrivateFile(file);
  return {
    ...common,
    type: 'better-sqlite3',
    database: file,
    // A second process that writes is waited for by retrying, not by blocking the event loop.
    timeout: 20,
    prepareDatabase: (db: { pragma(text: string): unknown }) => {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
    },
  };
}

export const SQLITE_FILE = 'instagram-direct.sqlite';

/**
 * What our statements count on, whatever the server has been set to: values are escaped by backslashes, what does not fit is
 * refused (some providers' servers cut it off), and a single statement commits by itself.
 */
const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1",
];

/** Opens the database; on MySQL every session is set up once, instead of one round trip a transaction. */
export async function openDataSource(settings: AppSettings, schema: Schema): Promise<{ dataSource: DataSource; kind: DatabaseKind }> {
  const { dataSource, kind } = await connect(settings, schema).catch((error: unknown) => {
    throw new Error(`The database ${nameOf(settings)} cannot be opened: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
  if (kind !== 'sqlite') {
    const { pool } = dataSource.driver as unknown as { pool: SessionPool };
    pool.on('connection', (connection) => {
      for (const statement of SESSION) {
        connection.query(statement, (error) => {
          // Without a listener the driver would end the process. And nothing may use a session that is set otherwise: whoever waits for
          // this one hears that the connection is lost.
          if (error) connection.stream.destroy();
        });
      }
    });
    // The connection that initialize() itself opened came before the listener.
    for (const statement of SESSION) await dataSource.query(statement);
  }
  return { dataSource, kind };
}

async function connect(settings: AppSettings, schema: Schema): Promise<{ dataSource: DataSource; kind: DatabaseKind }> {
  const kind = await detectDatabaseKind(settings);
  const dataSource = new DataSource(dataSourceOptions(settings, kind, schema));
  return { dataSource: await dataSource.initialize(), kind };
}

function nameOf({ mysql, dataDir }: AppSettings): string {
  if (!mysql) return `${join(dataDir, SQLITE_FILE)} (DATA_DIR)`;
  const tls = mysql.sslMode === 'DISABLED' ? '' : ` (MYSQL_SSL_MODE ${mysql.sslMode}, ${mysql.sslCa === null ? 'no MYSQL_SSL_CA' : 'with MYSQL_SSL_CA'})`;
  return `${mysql.database} on ${mysql.host}:${String(mysql.port)} (MYSQL_URL or MYSQL_HOST)${tls}`;
}

interface Session {
  query(sql: string, done: (error: unknown) => void): void;
  readonly stream: { destroy(): void };
}

interface SessionPool {
  on(event: 'connection', listener: (connection: Session) => void): void;
}

const REAL_TYPES: Record<'sqlite' | 'server', Record<string, string>> = {
  sqlite: { [PORTABLE_TYPES.longText]: 'text', [PORTABLE_TYPES.sequence]: 'integer' },
  server: { [PORTABLE_TYPES.longText]: 'longtext', [PORTABLE_TYPES.sequence]: 'bigint' },
};

const declared = new WeakMap<object, string>();

function portableColumns(kind: DatabaseKind): void {
  const real = REAL_TYPES[kind === 'sqlite' ? 'sqlite' : 'server'];
  for (const column of getMetadataArgsStorage().columns) {
    const type = declared.get(column) ?? column.options.type;
    const name = typeof type === 'string' ? real[type] : undefined;
    if (typeof type !== 'string' || name === undefined) continue;
    declared.set(column, type); // several data sources of different kinds may be made in one process (tests)
    column.options.type = name as NonNullable<typeof column.options.type>;
  }
}
