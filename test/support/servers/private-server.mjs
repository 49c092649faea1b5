// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const KEEPER = join(import.meta.dirname, 'keeper.mjs');
const READY_WITHIN_MS = 120_000;

/**
 * Starts a server under a keeper and waits until `ready` no longer throws.
 * @template T
 * @param {{ folder: string, command: string, args: string[], ready: () => Promise<T> }} options `folder` goes with the server
 * @returns {Promise<{ result: T, stop: () => Promise<void> }>}
 */
export async function keepServer({ folder, command, args, ready }) {
  const log = join(folder, 'server.log');
  const keeper = spawn(process.execPath, [KEEPER, folder, log, command, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C reaches the tests; the keeper then sees its input close
  });
  const gone = new Promise((resolve) => keeper.once('exit', () => resolve(true)));
  const stop = async () => {
    keeper.ref();
    keeper.stdin.end();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  // A pipe whose reader has died is an event, not a reason to crash the test run.
  keeper.stdin.on('error', () => undefined);
  keeper.unref();
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      return { result: await ready(), stop };
    } catch (error) {
      if (keeper.exitCode === null && Date.now() < until) {
        await delay(150);
        continue;
      }
      const tail = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-15).join('\n') : '';
      await stop();
      throw new Error(`${command} did not start: ${text(error)}\n${tail}`, { cause: error });
    }
  }
}

/**
 * Tries again when another process took the port between the look and the start.
 * @template T
 * @param {(port: number) => Promise<T>} start
 * @returns {Promise<T>}
 */
export async function onFreePort(start) {
  for (let made = 1; ; made++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (made >= 3 || !/in use|bind/i.test(text(error))) throw error;
    }
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * The first of these programs that is installed; server programs often lie in sbin, off a user's PATH.
 * @param {...string} names
 */
export function onPath(...names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
  for (const name of names) {
    const folder = folders.find((each) => each !== '' && existsSync(join(each, name)));
    if (folder !== undefined) return join(folder, name);
  }
  return undefined;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function mustRun(command, args, env = process.env) {
  const result = spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 });
  if (result.status === 0) return result.stdout;
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-8).join('\n');
  throw new Error(`${command} ${args[0] ?? ''} failed: ${result.error?.message ?? said}`);
}

export const isRoot = () => process.getuid?.() === 0;
export const onDebian = () => existsSync('/etc/debian_version') && onPath('apt-get') !== undefined;

/**
 * Installs a Debian package, as root only.
 * @param {string} name
 */
export function aptInstall(name) {
  process.stdout.write(`Installing ${name} with apt-get for the tests …\n`);
  // Runlevel 1: the package must not start its own service.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = () => mustRun('apt-get', ['install', '-y', '--no-install-recommends', name], env);
  try {
    install();
  } catch {
    mustRun('apt-get', ['update'], env);
    install();
  }
}

/** @param {unknown} error */
export function text(error) {
  return error instanceof Error ? error.message : String(error);
}
