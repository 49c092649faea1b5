import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createConnection, type Connection } from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { parseEnvironment } from '../src/config/index.js';
import { Dialect, openDataSource } from '../src/database/index.js';
import { SCHEMA } from '../src/schema.js';
import { eachServer } from './support/databases.js';

const PASSWORD = 'of-the-limited';
const CONNECTIONS = 2;

/** A server that is there and lets nobody in: nothing that waits to be written is at fault. */
eachServer((database) => {
  const url = database.env['MYSQL_URL'] ?? '';
  const user = `limited_${randomBytes(4).toString('hex')}`;
  let administrator: Connection;
  let dataSource: DataSource;
  let dialect: Dialect;

  beforeAll(async () => {
    administrator = await createConnection(url);
    await administrator.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${PASSWORD}' WITH MAX_USER_CONNECTIONS ${String(CONNECTIONS)}`);
    await administrator.query(`GRANT ALL ON ${new URL(url).pathname.slice(1)}.* TO '${user}'@'%'`);
    const limited = Object.assign(new URL(url), { username: user, password: PASSWORD });
    const opened = await openDataSource(parseEnvironment({ ...database.env, MYSQL_URL: limited.href }), SCHEMA);
    dataSource = opened.dataSource;
    dialect = new Dialect(opened.kind);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await administrator.query(`DROP USER '${user}'@'%'`);
    await administrator.end();
  });

  /** As many at once as take every connection there may be, and two more. */
  async function refusals(): Promise<unknown[]> {
    const asked = await Promise.allSettled(Array.from({ length: CONNECTIONS + 2 }, () => dataSource.query('SELECT SLEEP(0.3)')));
    return asked.filter((one) => one.status === 'rejected').map((one): unknown => one.reason);
  }

  it('is unavailable where the user has as many connections as it may have', async () => {
    expect((await refusals()).map((error) => dialect.isUnavailable(error))).toEqual([true, true]);
  });

  it('is unavailable where the user may ask no more in this hour, be it in a session that is only being made', async () => {
    await administrator.query(`ALTER USER '${user}'@'%' WITH MAX_USER_CONNECTIONS 10 MAX_QUERIES_PER_HOUR 1`);
    const errors = await refusals();
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.filter((error) => !dialect.isUnavailable(error))).toEqual([]);
    await administrator.query(`ALTER USER '${user}'@'%' WITH MAX_USER_CONNECTIONS ${String(CONNECTIONS)} MAX_QUERIES_PER_HOUR 0`);
  });

  it('is unavailable while the password is being changed', async () => {
    await administrator.query(`ALTER USER '${user}'@'%' IDENTIFIED BY 'another' WITH MAX_USER_CONNECTIONS 10`);
    const errors = await refusals();
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.filter((error) => !dialect.isUnavailable(error))).toEqual([]);
    await administrator.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${PASSWORD}'`);
  });
});
