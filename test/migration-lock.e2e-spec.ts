import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource, MigrationInterface } from 'typeorm';
import { migrate, openDataSource } from '../src/database/index.js';
import { eachDatabase } from './support/databases.js';
import { SilentProxy } from './support/silent-proxy.js';

const IDLE_SECONDS = 2;

let begun: () => void;
let goOn: () => void;
let waiting: Promise<void>;

class LongMigration1700000000001 implements MigrationInterface {
  async up(): Promise<void> {
    begun();
    await waiting;
  }

  async down(): Promise<void> {}
}

eachDatabase((database) => {
  let proxy: SilentProxy | null = null;
  const sources: DataSource[] = [];

  beforeAll(async () => {
    const { mysql } = database.settings();
    if (mysql) proxy = await SilentProxy.to(mysql.host, mysql.port);
  });

  afterAll(async () => {
    await proxy?.close();
    for (const source of sources) await source.destroy().catch(() => undefined); // one has lost its server
  });

  async function open(through: SilentProxy | null): Promise<() => Promise<string[]>> {
    const settings = database.settings();
    const { mysql } = settings;
    Object.assign(settings, mysql && through ? { mysql: { ...mysql, host: '127.0.0.1', port: through.port } } : {});
    const { dataSource, kind } = await openDataSource(settings, { entities: [], migrations: [LongMigration1700000000001] });
    sources.push(dataSource);
    return () => migrate(dataSource, kind, { idleSeconds: IDLE_SECONDS });
  }

  it('a host that vanishes while it migrates keeps nobody from migrating; one that takes its time does', async () => {
    if (!proxy) return; // the lock of a file is the process's own
    waiting = new Promise((resolve) => (goOn = resolve));
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const first = (await open(proxy))().catch((error: unknown) => error);
    await hasBegun;
    let done = false;
    const second = (await open(null))().finally(() => (done = true));
    // Longer than a session may be idle: the lock is held by one that lives.
    await delay(IDLE_SECONDS * 2_000);
    expect(done).toBe(false);
    proxy.fallSilent();
    goOn(); // whoever has the lock next does not wait
    expect(await second).toEqual(['LongMigration1700000000001']);
    await proxy.close();
    expect(await first).toBeInstanceOf(Error);
  });
});
