import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataSource } from '../src/database/index.js';
import { SCHEMA } from '../src/schema.js';
import { eachDatabase } from './support/databases.js';
import { RunningService } from './support/running-service.js';
import { mysqlRoot } from './support/servers/mysql-root.mjs';

eachDatabase((database) => {
  if (database.name === 'SQLite') {
    it('is not forgotten where the server is', () => {
      expect(() => database.settings({ MYSQL_SSL_MODE: 'REQUIRED' })).toThrow('MYSQL_HOST is required');
    });
    return;
  }

  const address = (query: string) => {
    const url = new URL(database.env.MYSQL_URL ?? '');
    // A certificate is for a name.
    if (url.hostname === '127.0.0.1') url.hostname = 'localhost';
    return { MYSQL_URL: `${url.href}${query}` };
  };
  const ask = async <Row>(query: string, sql: string): Promise<Row[]> => {
    const { dataSource } = await openDataSource(database.settings(address(query)), SCHEMA);
    try {
      return await dataSource.query(sql);
    } finally {
      await dataSource.destroy();
    }
  };
  /** How the pool's connections are encrypted; empty: not at all. */
  const cipher = async (query: string) => (await ask<{ Value: string }>(query, "SHOW SESSION STATUS LIKE 'Ssl_cipher'"))[0]?.Value;
  const serves = async () => (await cipher('?ssl-mode=REQUIRED').catch(() => '')) !== '';

  it('in clear, unless something else is said', async () => {
    expect(await cipher('')).toBe('');
    expect(await cipher('?ssl-mode=DISABLED')).toBe('');
  });

  it('encrypted, or not at all', async () => {
    // MariaDB makes itself a certificate from 11.4 on; MySQL always does.
    if (await serves()) expect(await cipher('?ssl-mode=REQUIRED')).toMatch(/^TLS_/);
    else await expect(cipher('?ssl-mode=REQUIRED')).rejects.toThrow(/\(MYSQL_SSL_MODE REQUIRED, no MYSQL_SSL_CA\) cannot be opened: .*secure connection/);
  });

  it('what is no authority is said to be none, without being shown', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-tls-'));
    try {
      const file = join(folder, 'ca.pem');
      await expect(cipher(`?ssl-ca=${file}`)).rejects.toThrow(/cannot be opened: MYSQL_SSL_CA: the file cannot be read \(ENOENT\)$/);
      writeFileSync(file, 'not a certificate');
      await expect(cipher(`?ssl-ca=${file}`)).rejects.toThrow(/MYSQL_SSL_CA holds no certificate in PEM form$/);
      await expect(cipher(`?ssl-ca=${encodeURIComponent('-----BEGIN PRIVATE KEY-----\nsecret')}`)).rejects.toThrow(/MYSQL_SSL_CA holds no certificate in PEM form$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  if (database.name !== 'MySQL') return;

  describe("checking MySQL's own certificate", () => {
    it('trusts nobody by itself', async () => {
      for (const mode of ['VERIFY_CA', 'VERIFY_IDENTITY']) await expect(cipher(`?ssl-mode=${mode}`)).rejects.toThrow(/no MYSQL_SSL_CA\) cannot be opened: .*self-signed certificate/);
    });

    it('trusts the authority that is named, and only for the host in the certificate', async () => {
      const ca = await authorityOf(ask);
      if (ca === null) {
        // A server that is not ours keeps it where it cannot be read: TEST_MYSQL_URL, or a container where there is no root for one.
        expect(process.env.TEST_MYSQL_URL !== undefined || mysqlRoot(process.env) === null).toBe(true);
        return;
      }
      expect(await cipher(`?ssl-ca=${ca}`)).toMatch(/^TLS_/);
      // As text, where there are variables and no files.
      expect(await cipher(`?ssl-mode=VERIFY_CA&ssl-ca=${encodeURIComponent(readFileSync(ca, 'utf8'))}`)).toMatch(/^TLS_/);
      await expect(cipher(`?ssl-mode=VERIFY_IDENTITY&ssl-ca=${ca}`)).rejects.toThrow(/does not match certificate/);
    });

    it('the service migrates and works over it', async () => {
      const service = await RunningService.start({ ...database.env, ...address('?ssl-mode=REQUIRED') });
      try {
        expect((await service.api('GET', '/accounts')).status).toBe(200);
      } finally {
        await service.stop();
      }
    });
  });
});

/** Where MySQL keeps the authority that it has made itself; null: not on this machine. */
async function authorityOf(ask: <Row>(query: string, sql: string) => Promise<Row[]>): Promise<string | null> {
  const [row] = await ask<{ folder: string }>('', 'SELECT @@datadir AS folder');
  const file = join(row?.folder ?? '', 'ca.pem');
  return [file, join(mysqlRoot(process.env) ?? '', file)].find((path) => existsSync(path)) ?? null;
}
