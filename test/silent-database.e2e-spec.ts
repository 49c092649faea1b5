import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Dialect, openDataSource } from '../src/database/index.js';
import { giveUpOnSilence } from '../src/database/silent-server.js';
import { eachDatabase } from './support/databases.js';
import { SilentProxy } from './support/silent-proxy.js';

const PATIENCE_MS = 300;

eachDatabase((database) => {
  let proxy: SilentProxy | null = null;
  let dataSource: DataSource;

  beforeAll(async () => {
    const { mysql } = database.settings();
    if (mysql) proxy = await SilentProxy.to(mysql.host, mysql.port);
    const settings = Object.assign(database.settings(), mysql && proxy ? { mysql: { ...mysql, host: '127.0.0.1', port: proxy.port } } : {});
    ({ dataSource } = await openDataSource(settings, { entities: [], migrations: [] }));
    giveUpOnSilence(dataSource, PATIENCE_MS);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await proxy?.close();
  });

  const ask = () => dataSource.query<{ one: number | string }[]>('SELECT 1 AS one');

  it('a database that has fallen silent is given up on, and used again when it is back', async () => {
    expect(Number((await ask())[0]?.one)).toBe(1);
    if (!proxy) return; // an embedded database does not go away
    proxy.fallSilent();
    const failure = await ask().catch((error: unknown) => error);
    expect(new Dialect('mysql').isUnavailable(failure)).toBe(true);
    proxy.speakAgain();
    expect(Number((await ask())[0]?.one)).toBe(1);
  });
});
