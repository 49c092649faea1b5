import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AppSettings } from '../config/index.js';
import { openDataSource, type Schema } from './data-source.js';
import { DatabaseCopy } from './database-copy.js';
import type { DatabaseKind } from './database-kind.js';
import { Dialect } from './dialect.js';
import { limitWaits } from './limit-waits.js';
import { migrate } from './migrate.js';
import { giveUpOnSilence } from './silent-server.js';
import { TransactionRunner } from './transaction-runner.js';
import { PooledTransactionRunner, SerialTransactionRunner } from './typeorm-transaction-runner.js';

/** Opens and migrates the database, and gives the transaction runner and the dialect to every module. */
@Module({})
export class DatabaseModule {
  static forRoot(schema: Schema): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [AppSettings],
          // The options only name the driver here; `dataSourceFactory` opens the real thing.
          useFactory: (settings: AppSettings) => ({
            type: settings.mysql ? 'mysql' : 'better-sqlite3',
            database: '',
            retryAttempts: 0,
            settings,
          }),
          dataSourceFactory: async (options) => {
            const { settings } = options as unknown as { settings: AppSettings };
            const { dataSource, kind } = await openDataSource(settings, schema);
            await migrateAloud(dataSource, kind);
            limitWaits(dataSource);
            giveUpOnSilence(dataSource);
            return dataSource;
          },
        }),
      ],
      providers: [
        {
          provide: Dialect,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new Dialect(kindOf(dataSource)),
        },
        {
          provide: TransactionRunner,
          inject: [DataSource, Dialect],
          useFactory: (dataSource: DataSource, dialect: Dialect) =>
            dialect.isSqlite ? new SerialTransactionRunner(dataSource, dialect) : new PooledTransactionRunner(dataSource, dialect),
        },
        {
          provide: DatabaseCopy,
          inject: [DataSource, Dialect, TransactionRunner],
          useFactory: (dataSource: DataSource, dialect: Dialect, transactions: TransactionRunner) => new DatabaseCopy(dataSource, dialect, transactions),
        },
      ],
      exports: [Dialect, TransactionRunner, DatabaseCopy],
    };
  }
}

/** A table of millions of rows may take minutes to be changed: whoever watches the start sees what it waits for. */
async function migrateAloud(dataSource: DataSource, kind: DatabaseKind): Promise<void> {
  const logger = new Logger('Database');
  const ran = await migrate(dataSource, kind, {
    onBegin: () => {
      logger.log('Migrating the database');
    },
  });
  if (ran.length > 0) logger.log(`The database has been migrated by ${String(ran.length)} migrations, up to ${ran.at(-1) ?? ''}`);
}

function kindOf(dataSource: DataSource): DatabaseKind {
  const { type } = dataSource.options;
  return type === 'mysql' || type === 'mariadb' ? type : 'sqlite';
}
