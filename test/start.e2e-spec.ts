import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachDatabase } from './support/databases.js';
import { eventually, freePort, RunningService } from './support/running-service.js';
import { Stage } from './support/stage.js';

/** What the built service says and answers when it is started with just these variables. It must end by itself. */
async function startsWith(environment: Readonly<Record<string, string>>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['dist/src/main.js'], { env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(await freePort()), ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString('utf8')));
  const guard = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(guard);
  return { code, output: chunks.join('') };
}

describe('A bad environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'direct-start-'));

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('stops the start with one message that names every bad variable', async () => {
    const bad = {
      PORT: 'eighty', MYSQL_URL: 'postgres://user:hidden-password@host/database', APP_SECRET_KEY: 'short', APP_SECRET_KEY_PREVIOUS: 'x,y',
      ADMIN_API_KEY: 'short', REDIS_URL: 'nowhere', ROLE: 'boss', GRAPH_API_BASE_URL: 'ftp://graph', GRAPH_API_VERSION: '26',
      EVENT_RETENTION_DAYS: '2', LOG_LEVEL: 'loud', SEND_LIMIT_PER_SECOND: '0', MEDIA_LIMIT_PER_SECOND: 'ten', PRIVATE_REPLIES_PER_HOUR: '-1',
      LOOKUPS_PER_SECOND: '1.5',
    };
    const { code, output } = await startsWith({ DATA_DIR: folder, ...bad });
    expect(code).toBe(1);
    for (const name of Object.keys(bad)) expect(output).toContain(name);
    expect(output).not.toContain('hidden-password');
    expect(output).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, 'instagram-direct.sqlite'))).toBe(false);
  });

  it('needs a key as soon as MySQL is used, and MySQL in full', async () => {
    const { code, output } = await startsWith({ DATA_DIR: folder, MYSQL_HOST: '127.0.0.1' });
    expect(code).toBe(1);
    for (const name of ['MYSQL_DATABASE', 'MYSQL_USERNAME', 'APP_SECRET_KEY']) expect(output).toContain(name);
  });

  it('names DATA_DIR where that is no folder', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    for (const key of ['', 'a passphrase of the tests']) {
      const { code, output } = await startsWith({ DATA_DIR: file, APP_SECRET_KEY: key, LOG_LEVEL: 'silent' });
      expect([code, output.trim().split('\n').length]).toEqual([1, 1]);
      expect(output).toContain('DATA_DIR');
    }
  });

  it('also where the database cannot be reached: one clear message', async () => {
    const port = String(await freePort());
    const { code, output } = await startsWith({
      DATA_DIR: folder, MYSQL_URL: `mysql://user:hidden-password@127.0.0.1:${port}/none`, APP_SECRET_KEY: 'a passphrase of the tests', LOG_LEVEL: 'silent',
    });
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain('MYSQL_URL');
    expect(output).not.toContain('hidden-password');
  });

  it('names PORT and HOST where it cannot listen there', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    try {
      const common = { DATA_DIR: folder, ADMIN_API_KEY: 'test-administrator-key-0123456789', APP_SECRET_KEY: 'a passphrase of the tests', LOG_LEVEL: 'silent' };
      for (const [environment, shown] of [[{ PORT: port }, `PORT ${port}`], [{ HOST: 'no.such.host.invalid' }, 'HOST no.such.host.invalid']] as const) {
        const { code, output } = await startsWith({ ...common, ...environment });
        expect([code, output.trim().split('\n').length]).toEqual([1, 1]);
        expect(output).toContain(shown);
      }
    } finally {
      taken.close();
    }
  });
});

describe('A log on a full disk', () => {
  it('ends nothing: the service starts, answers, and stops in good order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-full-'));
    const port = String(await freePort());
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, ['dist/src/main.js'], {
      env: {
        PATH: process.env.PATH, HOST: '127.0.0.1', PORT: port, DATA_DIR: folder, LOG_LEVEL: 'debug',
        ADMIN_API_KEY: 'test-administrator-key-0123456789', APP_SECRET_KEY: 'a passphrase of the tests',
      },
      stdio: ['ignore', full, 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      const answers = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).then((answer) => answer.status, () => 0);
      await eventually('the start', () => answers('/health/live'), (status) => status === 200);
      // More lines than one, of more than one place that logs.
      for (let time = 0; time < 5; time += 1) expect([await answers('/api/v1/accounts'), await answers('/health')]).toEqual([401, 200]);
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      closeSync(full);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

describe('A start by npm', () => {
  it('ends when npm is told to: its shell does not hand the signal on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-npm-'));
    const port = String(await freePort());
    const shell = spawn('sh', ['-c', 'node scripts/start.mjs; true'], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: port, DATA_DIR: folder, LOG_LEVEL: 'silent', npm_lifecycle_event: 'start' }, stdio: 'ignore',
    });
    const answers = () => fetch(`http://127.0.0.1:${port}/health/live`).then((answer) => answer.status, () => 0);
    await eventually('the start', answers, (status) => status === 200);
    shell.kill('SIGTERM');
    await eventually('the end', answers, (status) => status === 0);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
});

describe('The first start on an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'direct-first-'));

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes a key file and a database that nobody else can read, and an administrator’s key, printed once', async () => {
    const first = await RunningService.start({ DATA_DIR: folder, APP_SECRET_KEY: '', ADMIN_API_KEY: '', LOG_LEVEL: 'silent' });
    const key = findKey(first.output);
    const modes = readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]);
    await first.stop();
    // Whoever made the folder may have left it open to everybody.
    expect(Object.fromEntries(modes)).toEqual({
      'secret.key': '600', 'instagram-direct.sqlite': '600', 'instagram-direct.sqlite-wal': '600', 'instagram-direct.sqlite-shm': '600',
      'instagram-direct.sqlite.lock': '600',
    });
    const second = await RunningService.start({ DATA_DIR: folder, APP_SECRET_KEY: '', ADMIN_API_KEY: '', LOG_LEVEL: 'silent' });
    try {
      expect(second.output).not.toContain(key);
      const answer = await second.api('GET', '/api-keys', undefined, { authorization: `Bearer ${key}` });
      expect(answer.status).toBe(200);
    } finally {
      await second.stop();
    }
  });
});

function findKey(output: string): string {
  const key = output.split(/[\s"']+/).find((word) => /^[\w-]{20,}$/.test(word) && /\d/.test(word));
  if (key === undefined) throw new Error(`No key was printed:\n${output}`);
  return key;
}

eachDatabase((database) => {
  const key = 'the key of the first start';
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, APP_SECRET_KEY: key });
    await stage.addAccount();
  });

  afterAll(async () => {
    await stage.meta.close();
  });

  it('stops in good order, answering what has begun', async () => {
    expect(await stage.service.stop()).toBe(0);
  });

  it('a key that does not open what is stored stops the start', async () => {
    const { code, output } = await startsWith({ ...database.env, APP_SECRET_KEY: 'another key altogether' });
    expect(code).toBe(1);
    expect(output).toContain('APP_SECRET_KEY');
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  it('the former key among the previous ones opens it', async () => {
    const service = await RunningService.start({ ...database.env, APP_SECRET_KEY: 'another key altogether', APP_SECRET_KEY_PREVIOUS: key });
    expect((await service.api('GET', '/accounts')).status).toBe(200);
    await service.stop();
  });
});
