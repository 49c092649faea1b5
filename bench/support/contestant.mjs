// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/chaos/service.mjs';
import { endWithUs } from './ending.mjs';

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */

const READY_WITHIN_MS = 60_000;

/**
 * A peer as a process of its own. It reads `BENCH`, a JSON of this, from its environment.
 * @typedef {{ port: number, accounts: readonly BenchAccount[], mysqlUrl?: string, dataDir?: string, graphUrl?: string }} PeerSettings
 */

/**
 * @typedef {object} PeerOptions
 * @property {readonly string[]} args for node
 * @property {string} [cwd]
 * @property {Omit<PeerSettings, 'port'>} settings
 * @property {Record<string, string>} [env]
 * @property {string} [readyPath] answered 200 once it is ready; without it, that it takes connections is enough
 */

/** @param {PeerOptions} options */
export async function startPeer({ args, cwd, settings, env = {}, readyPath }) {
  const folder = mkdtempSync(join(tmpdir(), 'direct-peer-'));
  const logFile = join(folder, 'peer.log');
  const log = openSync(logFile, 'a');
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const child = endWithUs(spawn(process.execPath, args, {
    cwd: cwd ?? folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, NODE_ENV: 'production', PORT: String(port), BENCH: JSON.stringify({ ...settings, port }), ...env },
    stdio: ['ignore', log, log],
  }));
  const tail = () => readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');
  const stop = async (/** @type {NodeJS.Signals} */ signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(timer);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The peer ended with ${String(child.exitCode)}:\n${tail()}`);
    if (await isReady(port, readyPath)) return { url, pid: child.pid, folder, stop: () => stop(), kill: () => stop('SIGKILL'), tail };
    if (Date.now() > until) {
      const said = tail();
      await stop();
      throw new Error(`The peer did not become ready:\n${said}`);
    }
    await delay(25);
  }
}

/**
 * @param {number} port
 * @param {string | undefined} path
 * @returns {Promise<boolean>}
 */
async function isReady(port, path) {
  if (path !== undefined) return await fetch(`http://127.0.0.1:${String(port)}${path}`).then(({ status }) => status === 200, () => false);
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
