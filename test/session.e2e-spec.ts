import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { migrate, openDataSource } from '../src/database/index.js';
import { SCHEMA } from '../src/schema.js';
import { eachDatabase } from './support/databases.js';

/** What a server may have been set to, and our statements do not bear. */
const ODD = { sql_mode: 'NO_BACKSLASH_ESCAPES', autocommit: 0 } as const;
const INSERT = `INSERT INTO unrouted_events (dedupe_key, kind, reason, occurred_at, received_at, payload)
  VALUES (?, ?, 'r', '2026-01-01 00:00:00.000', '2026-01-01 00:00:00.000', ?)`;

eachDatabase((database) => {
  const url = database.env['MYSQL_URL'];
  if (url === undefined) {
    it.skip('has no settings of a server', () => undefined);
    return;
  }
  let other: Connection;
  let dataSource: DataSource;

  beforeAll(async () => {
    other = await createConnection(url);
    const [[usual]] = (await other.query('SELECT @@GLOBAL.sql_mode AS sql_mode, @@GLOBAL.autocommit AS autocommit')) as unknown as [[typeof ODD]];
    try {
      await set(ODD);
      const opened = await openDataSource(database.settings(), SCHEMA);
      dataSource = opened.dataSource;
      // The first connection is made in another way than those that follow.
      await Promise.all([dataSource.query('SELECT SLEEP(0.2)'), dataSource.query('SELECT SLEEP(0.2)')]);
    } finally {
      // Other suites make connections too.
      await set(usual);
    }
    await migrate(dataSource, dataSource.options.type === 'mariadb' ? 'mariadb' : 'mysql');
  });

  afterAll(async () => {
    await dataSource.destroy();
    await other.end();
  });

  async function set(settings: { readonly sql_mode: string; readonly autocommit: number }): Promise<void> {
    await other.query('SET GLOBAL sql_mode = ?, GLOBAL autocommit = ?', [settings.sql_mode, settings.autocommit]);
  }

  /** Two at once: on either connection. */
  async function onBoth(key: string, kind: string, payload: string): Promise<PromiseSettledResult<unknown>[]> {
    return await Promise.allSettled([1, 2].map((i) => dataSource.query(INSERT, [`${key}${String(i)}`, kind, payload])));
  }

  it.each(['it\'s {"a":"b\\nc"}', "\\', (SELECT 1)) -- "])('stores %s as it is', async (payload) => {
    const key = `as-it-is-${String(payload.length)}-`;
    expect((await onBoth(key, 'k', payload)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await dataSource.query(`SELECT payload FROM unrouted_events WHERE dedupe_key LIKE '${key}%'`)).toEqual([{ payload }, { payload }]);
  });

  it('cuts nothing off', async () => {
    expect((await onBoth('cut-', 'k'.repeat(41), 'p')).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('has committed what is written, once it is said to be', async () => {
    await onBoth('written-', 'k', 'p');
    const [rows] = await other.query("SELECT dedupe_key FROM unrouted_events WHERE dedupe_key LIKE 'written-%'");
    expect(rows).toHaveLength(2);
  });
});
