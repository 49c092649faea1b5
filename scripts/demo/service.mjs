import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { URLSearchParams } from 'node:url';

const MAIN = join(import.meta.dirname, '../../dist/src/main.js');
const STOP_WITHIN_MS = 15_000;

/** The built service as a child process, with an embedded database in a folder that goes away. */
export class DemoService {
  /** Every answer the API gave, to be searched for secrets. */
  answers = [];
  #child;
  #exit = null;

  constructor(folder, url, adminKey) {
    Object.assign(this, { folder, url, adminKey, logFile: join(folder, 'service.log') });
  }

  static async start({ graphUrl, adminKey }) {
    const folder = mkdtempSync(join(tmpdir(), 'instagram-direct-demo-'));
    const port = await freePort();
    const service = new DemoService(folder, `http://127.0.0.1:${port}`, adminKey);
    const log = openSync(service.logFile, 'w');
    // A bare environment in an empty folder: no .env and no MYSQL_… of this machine leads elsewhere.
    service.#child = spawn(process.execPath, ['--enable-source-maps', MAIN], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        HOST: '127.0.0.1',
        DATA_DIR: join(folder, 'data'),
        ADMIN_API_KEY: adminKey,
        GRAPH_API_BASE_URL: graphUrl,
        LOG_LEVEL: 'info',
      },
      stdio: ['ignore', log, log],
    });
    service.#child.once('exit', (code, signal) => (service.#exit = signal ?? code));
    try {
      await service.until(
        'the service is ready',
        async () => (await fetch(`${service.url}/health/ready`).catch(() => null))?.ok,
      );
    } catch (error) {
      process.stderr.write(readFileSync(service.logFile, 'utf8'));
      await service.stop();
      service.remove();
      throw error;
    }
    return service;
  }

  /** One call of the REST API; refuses any other status than the one expected. */
  async api(method, path, body, expected = method === 'POST' ? 201 : 200) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await response.text();
    this.answers.push(text);
    if (response.status !== expected)
      throw new Error(`${method} ${path} answered ${response.status}, not ${expected}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** Every item of a list, page by page. */
  async all(path) {
    const items = [];
    let cursor = null;
    do {
      const query = new URLSearchParams({ limit: '200', ...(cursor ? { cursor } : {}) });
      const page = await this.api('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    return items;
  }

  /** Asks again and again until the answer is truthy, and gives it. */
  async until(what, ask, withinMs = 30_000) {
    const deadline = Date.now() + withinMs;
    for (;;) {
      if (this.#exit !== null) throw new Error(`The service ended (${this.#exit}) while waiting until ${what}.`);
      const answer = await ask();
      if (answer) return answer;
      if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain until ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  log() {
    return readFileSync(this.logFile, 'utf8');
  }

  async stop() {
    if (this.#exit === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    }
    return this.#exit;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
