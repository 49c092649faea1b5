import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportProxies, readEnvironment } from './environment-source.js';
import { InvalidEnvironmentError, parseEnvironment } from './environment.js';
import { loadMvpEnvironment } from './mvp-environment.js';

const KEY = 'a passphrase of the tests';

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    parseEnvironment(source);
    return [];
  } catch (error) {
    if (error instanceof InvalidEnvironmentError) return error.problems;
    throw error;
  }
}

describe('the environment', () => {
  it('says of a number what it must be, whatever is wrong with it', () => {
    for (const bad of ['abc', '-1', '65536', '3000.5', '1e3']) {
      expect(problemsOf({ PORT: bad })).toEqual(['PORT must be a whole number from 0 to 65535']);
    }
    expect(parseEnvironment({ PORT: ' 8080 ', EVENT_RETENTION_DAYS: '3' })).toMatchObject({ port: 8080, eventRetentionDays: 3 });
  });

  it('leaves out the line break at the end of a mounted secret, so that a key is the same key as a previous one', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    expect(parseEnvironment({ APP_SECRET_KEY: `${key}\n`, ADMIN_API_KEY: 'x'.repeat(20) + '\r\n', ROLE: ' web' })).toMatchObject({
      secretKey: key, adminApiKey: 'x'.repeat(20), role: 'web',
    });
    expect(problemsOf({ APP_SECRET_KEY: 'correct, horse, battery' })).toEqual([expect.stringContaining('comma')]);
    const mysql = { MYSQL_HOST: 'db', MYSQL_DATABASE: 'd', MYSQL_USERNAME: 'u', MYSQL_PASSWORD: ' meant so ', APP_SECRET_KEY: KEY };
    expect(parseEnvironment(mysql).mysql?.password).toBe(' meant so ');
  });

  it('takes the hosts of a container network', () => {
    expect(parseEnvironment({ GRAPH_API_BASE_URL: 'http://meta_stand_in:4010/', REDIS_URL: 'redis://:pw@redis_host:6379/0' })).toMatchObject({
      graphBaseUrl: 'http://meta_stand_in:4010', redisUrl: 'redis://:pw@redis_host:6379/0',
    });
    for (const bad of ['https://user:pw@graph.instagram.com', 'https://graph.instagram.com?x=1', 'https://graph.instagram.com#x', 'ftp://x', 'graph', 'https:graph.instagram.com', 'http://xn--a']) {
      expect(problemsOf({ GRAPH_API_BASE_URL: bad })).toHaveLength(1);
    }
  });

  it('sends no token to Meta in clear', () => {
    for (const bad of ['http://graph.instagram.com', 'HTTP://Graph.Instagram.com:80/', 'http://graph.facebook.com/direct']) {
      expect(problemsOf({ GRAPH_API_BASE_URL: bad })).toEqual([expect.stringMatching(/^GRAPH_API_BASE_URL must be https:.*in clear/)]);
    }
    for (const good of ['https://graph.instagram.com', 'http://graph.instagram.com.test:4010', 'http://127.0.0.1:4010']) expect(problemsOf({ GRAPH_API_BASE_URL: good })).toEqual([]);
  });

  it('says where the version goes', () => {
    for (const bad of ['https://graph.instagram.com/v26.0', 'http://127.0.0.1:4010/meta/v26.0/']) {
      expect(problemsOf({ GRAPH_API_BASE_URL: bad })).toEqual([expect.stringMatching(/^GRAPH_API_BASE_URL must not end with the version.*GRAPH_API_VERSION/)]);
    }
    // A stand-in's path is its own.
    expect(problemsOf({ GRAPH_API_BASE_URL: 'http://127.0.0.1:4010/stub/v1.0' })).toEqual([]);
    expect(parseEnvironment({ GRAPH_API_BASE_URL: 'http://127.0.0.1:4010/meta/' }).graphBaseUrl).toBe('http://127.0.0.1:4010/meta');
  });

  it('refuses an address of Redis that its driver cannot use', () => {
    for (const good of ['redis://h', 'redis://h:6379/', 'redis://h:6379/0/', 'rediss://default:p%25w@h:6379/15', 'redis://[::1]:6379?family=0']) {
      expect(parseEnvironment({ REDIS_URL: good }).redisUrl).toBe(good);
    }
    for (const bad of ['redis://default:100%@h:6379', 'redis://h:6379/direct', 'redis://h:6379/-1', 'redis:h', 'http://h:6379']) {
      expect(problemsOf({ REDIS_URL: bad })).toEqual([expect.stringMatching(/^REDIS_URL must look like redis:.*percent-encoded/)]);
    }
  });

  it('takes a MySQL address apart, or refuses one whose password is not percent-encoded', () => {
    const parts = { host: 'db.example', port: 3307, database: 'direct', username: 'me', password: 'p@ss/w#rd?' };
    expect(parseEnvironment({ MYSQL_URL: `mysql://me:${encodeURIComponent(parts.password)}@db.example:3307/direct`, APP_SECRET_KEY: KEY }).mysql).toEqual({ ...parts, sslMode: 'DISABLED', sslCa: null });
    // Taken apart, the host would be "ss", and stand in the log.
    for (const bad of ['mysql://me:p@ss/w#rd?@db.example/direct', 'mysql://me:p@ss/wrd@db.example/direct', 'mysql://db.example', 'mysql://me:100%@db.example/direct', 'postgres://db.example/direct']) {
      expect(problemsOf({ MYSQL_URL: bad, APP_SECRET_KEY: KEY })).toEqual([expect.stringContaining('MYSQL_URL must look like')]);
      expect(problemsOf({ MYSQL_URL: bad })).toEqual([expect.stringContaining('MYSQL_URL'), expect.stringContaining('APP_SECRET_KEY is required')]);
    }
  });

  const tlsOf = (query: string, more = {}) => {
    const { mysql } = parseEnvironment({ MYSQL_URL: `mysql://me@db.example/direct${query}`, APP_SECRET_KEY: KEY, ...more });
    return [mysql?.sslMode, mysql?.sslCa];
  };

  it('takes what an address or the variables say about TLS, the address first', () => {
    for (const mode of ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY']) {
      expect(tlsOf(`?ssl-mode=${mode}`)).toEqual([mode, null]);
      expect(tlsOf('?charset=utf8mb4', { MYSQL_SSL_MODE: mode.toLowerCase() })).toEqual([mode, null]);
    }
    expect(tlsOf('?sslmode=required', { MYSQL_SSL_MODE: 'VERIFY_CA' })).toEqual(['REQUIRED', null]);
    expect(tlsOf('?ssl_mode=VERIFY_IDENTITY&ssl_ca=%2Fca.pem')).toEqual(['VERIFY_IDENTITY', '/ca.pem']);
    expect(tlsOf('', { MYSQL_SSL_CA: '/ca.pem' })).toEqual(['VERIFY_CA', '/ca.pem']);
    expect(tlsOf('?ssl={"rejectUnauthorized":true}')).toEqual(['VERIFY_IDENTITY', null]);
    expect(tlsOf('?ssl={%22rejectUnauthorized%22:%20false}')).toEqual(['REQUIRED', null]);
  });

  it('never connects in clear because it does not understand what is said about TLS', () => {
    const problems = (query: string, more = {}) => problemsOf({ MYSQL_URL: `mysql://me@db.example/direct${query}`, APP_SECRET_KEY: KEY, ...more });
    for (const unknown of ['?sslaccept=strict', '?useSSL=true', '?tls=skip-verify', '?ssl-cert=c.pem']) {
      expect(problems(unknown)).toEqual([expect.stringMatching(/^MYSQL_URL: the parameter (sslaccept|useSSL|tls|ssl-cert) .*ssl-mode=VERIFY_IDENTITY/)]);
    }
    for (const mode of ['preferred', 'on', 'verify-full']) {
      const said = [expect.stringMatching(/MYSQL_SSL_MODE.*must be one of DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY/)];
      expect(problems(`?ssl-mode=${mode}`)).toEqual(said);
      expect(problems('', { MYSQL_SSL_MODE: mode })).toEqual(said);
    }
    expect(problems('?ssl=yes')).toHaveLength(1);
    expect(problems('?ssl=constructor')).toHaveLength(1);
    expect(problems('?ssl-mode=REQUIRED&ssl-ca=/ca.pem')).toEqual([expect.stringContaining('MYSQL_SSL_CA')]);
    for (const host of ['10.0.0.7', '[fd00::7]']) {
      expect(problemsOf({ MYSQL_URL: `mysql://me@${host}/direct?ssl-mode=VERIFY_IDENTITY`, APP_SECRET_KEY: KEY })).toEqual([expect.stringContaining('needs the name')]);
    }
    // Nor on the embedded database, because the rest is missing.
    expect(problemsOf({ MYSQL_SSL_MODE: 'REQUIRED', APP_SECRET_KEY: KEY })).toContainEqual(expect.stringContaining('MYSQL_HOST is required'));
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'direct-env-'));
  const file = join(folder, '.env');

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read, and real variables win, but for empty ones', () => {
    writeFileSync(file, 'PORT=4000\nHOST=127.0.0.1\nLOG_LEVEL=warn\n');
    expect(readEnvironment({ PORT: '5000', HOST: ' ' }, file)).toMatchObject({ PORT: '5000', HOST: '127.0.0.1', LOG_LEVEL: 'warn' });
    expect(readEnvironment({ PORT: '5000' }, join(folder, 'none'))).toEqual({ PORT: '5000' });
  });

  it('may begin with the mark that editors on Windows write: its first variable is read like the others', () => {
    writeFileSync(file, '\uFEFFMYSQL_URL=mysql://me@db.example/direct\r\nPORT=4000\r\n');
    expect(readEnvironment({}, file)).toEqual({ MYSQL_URL: 'mysql://me@db.example/direct', PORT: '4000' });
    writeFileSync(file, '\uFEFFFACEBOOK_VERIFY_TOKEN=any thing\nFACEBOOK_APP_SECRET=secret\nINSTAGRAM_PAGE_ACCESS_TOKEN=token\n');
    expect(loadMvpEnvironment(file).verifyToken).toBe('any thing');
  });

  it('may name the proxy, which axios looks for in the process alone', () => {
    writeFileSync(file, 'HTTPS_PROXY=http://proxy.example:3128\nno_proxy=from.file\nPORT=4000\n');
    const real: Record<string, string | undefined> = { no_proxy: 'real.example', HTTPS_PROXY: '' };
    exportProxies(readEnvironment(real, file), real);
    expect(real).toEqual({ HTTPS_PROXY: 'http://proxy.example:3128', no_proxy: 'real.example' });
  });

  it('that is a folder is a mistake like any other', () => {
    mkdirSync(join(folder, 'folder'));
    expect(() => readEnvironment({}, join(folder, 'folder'))).toThrow(InvalidEnvironmentError);
    for (const name of ['folder', 'none']) expect(() => loadMvpEnvironment(join(folder, name))).toThrow(`--from-file: ${join(folder, name)} cannot be read`);
  });

  it('of the old server is checked before its credentials are stored: a token travels in a header', () => {
    writeFileSync(file, 'FACEBOOK_VERIFY_TOKEN=any thing\nFACEBOOK_APP_SECRET=secret\nINSTAGRAM_PAGE_ACCESS_TOKEN=two words\n');
    expect(() => loadMvpEnvironment(file)).toThrow('INSTAGRAM_PAGE_ACCESS_TOKEN must be printable ASCII without spaces');
    writeFileSync(file, 'FACEBOOK_VERIFY_TOKEN=any thing\nFACEBOOK_APP_SECRET=\n');
    expect(() => loadMvpEnvironment(file)).toThrow('FACEBOOK_APP_SECRET is not set, INSTAGRAM_PAGE_ACCESS_TOKEN is not set');
    writeFileSync(file, 'FACEBOOK_VERIFY_TOKEN=any thing\nFACEBOOK_APP_SECRET=secret\nINSTAGRAM_PAGE_ACCESS_TOKEN=token\n');
    expect(loadMvpEnvironment(file)).toEqual({ verifyToken: 'any thing', appSecret: 'secret', accessToken: 'token' });
  });
});
