import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { openDataSource } from '../src/database/index.js';
import { SCHEMA } from '../src/schema.js';
import { eachServer } from './support/databases.js';

/** `@@transaction_isolation` is `@@tx_isolation` on MariaDB 10. */
const SETTINGS = (isolation: string) => `SELECT @@SESSION.sql_mode AS mode, @@SESSION.autocommit AS autocommit, @@SESSION.${isolation} AS isolation, SLEEP(0.2) AS slept`;

/**
 * A server may be set so that backslashes do not escape, that what is too long is cut off, or that nothing is committed by itself.
 * No server comes with the mode we set: what is read here is not what it has by default.
 */
eachServer((database) => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = (await openDataSource(database.settings(), SCHEMA)).dataSource;
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  it('has the settings that our statements are written for, in the first session and in those that follow', async () => {
    const sql = SETTINGS(database.name === 'MariaDB' ? 'tx_isolation' : 'transaction_isolation');
    const [usual] = await dataSource.query<{ mode: string }[]>('SELECT @@GLOBAL.sql_mode AS mode');
    const sessions = (await Promise.all(Array.from({ length: 4 }, () => dataSource.query(sql)))) as [{ mode: string; autocommit: number; isolation: string }][];
    expect(sessions.map(([{ mode, autocommit, isolation }]) => [mode, autocommit, isolation])).toEqual(
      Array(4).fill(['STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', 1, 'READ-COMMITTED']),
    );
    expect(usual?.mode).not.toBe(sessions[0]?.[0].mode);
  });
});
