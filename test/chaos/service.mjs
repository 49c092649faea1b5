// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { URLSearchParams } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '../../dist/src/main.js');
const READY_WITHIN_MS = 60_000;

/** The built service as a process that can be killed and started again: same port, same database, one log. */
export class Service {
  #log;
  #env;
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;

  /**
   * @param {{ folder: string, port: number, env: Record<string, string>, nodeArgs?: readonly string[] }} options
   */
  constructor({ folder, port, env, nodeArgs = [] }) {
    this.folder = folder;
    this.nodeArgs = nodeArgs;
    this.url = `http://127.0.0.1:${String(port)}`;
    this.adminKey = 'chaos-administrator-key-0123456789';
    this.logFile = join(folder, 'service.log');
    this.#log = openSync(this.logFile, 'a');
    this.#env = {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      HOST: '127.0.0.1',
      APP_SECRET_KEY: 'a passphrase of the chaos run',
      ADMIN_API_KEY: this.adminKey,
      LOG_LEVEL: 'warn',
      ...env,
    };
  }

  /** Of the process that was started last. */
  get pid() {
    return this.#child?.pid;
  }

  /** Starts it, and does not wait. */
  spawn() {
    // Node's options as in the Dockerfile. A bare environment in an empty folder: no .env and no MYSQL_… of this machine leads elsewhere.
    this.#child = spawn(process.execPath, ['--enable-source-maps', '--max-semi-space-size=32', '--heap-growing-percent=50', ...this.nodeArgs, MAIN], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', this.#log, this.#log],
    });
    const child = this.#child;
    // It must not outlive a run that is broken off.
    const outlived = () => child.kill('SIGKILL');
    process.once('exit', outlived);
    child.once('exit', () => process.off('exit', outlived));
  }

  async ready() {
    const until = Date.now() + READY_WITHIN_MS;
    while (Date.now() < until) {
      const code = this.#child?.exitCode ?? null;
      if (code !== null) throw new Error(`The service ended with ${String(code)}:\n${this.logTail()}`);
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (answer?.status === 200) return;
      await delay(25);
    }
    throw new Error(`The service did not become ready:\n${this.logTail()}`);
  }

  /** kill -9. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** @returns the exit code */
  async stop() {
    return await this.#end('SIGTERM');
  }

  /**
   * One call of the API, refused unless it succeeds.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async api(method, path, body) {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /**
   * All items of a list, page by page.
   * @param {string} path
   * @returns {Promise<any[]>}
   */
  async list(path) {
    const items = [];
    let cursor = null;
    do {
      const query = new URLSearchParams({ limit: '200', ...(cursor === null ? {} : { cursor }) });
      const page = await this.api('GET', `${path}?${query.toString()}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }

  logTail() {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-20).join('\n');
  }

  /** @param {'SIGKILL' | 'SIGTERM'} signal */
  async #end(signal) {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
