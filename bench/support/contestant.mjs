// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/chaos/service.mjs';

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */

const READY_WITHIN_MS = 60_000;

/**
 * A peer as a process of its own. It reads `BENCH`, a JSON of this, from its environment and answers any GET once it is ready.
 * @typedef {{ port: number, accounts: readonly BenchAccount[], mysqlUrl?: string, dataDir?: string, graphUrl?: string }} PeerSettings
 */

/**
 * @param {{ command?: string, args: readonly string[], cwd?: string, settings: Omit<PeerSettings, 'port'>, env?: Record<string, string> }} options
 */
export async function startPeer({ command = process.execPath, args, cwd, settings, env = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'direct-peer-'));
  const logFile = join(folder, 'peer.log');
  const log = openSync(logFile, 'a');
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const child = spawn(command, args, {
    cwd: cwd ?? folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, NODE_ENV: 'production', PORT: String(port), BENCH: JSON.stringify({ ...settings, port }), ...env },
    stdio: ['ignore', log, log],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const tail = () => readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(timer);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The peer ended with ${String(child.exitCode)}:\n${tail()}`);
    if (await fetch(url).then(() => true, () => false)) return { url, pid: child.pid, folder, stop, tail };
    if (Date.now() > until) {
      const said = tail();
      await stop();
      throw new Error(`The peer did not become ready:\n${said}`);
    }
    await delay(25);
  }
}
