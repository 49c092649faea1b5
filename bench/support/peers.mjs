// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './report.mjs';

const PEERS = join(import.meta.dirname, '../peers');

/**
 * What people install from npm, each in a folder of its own. Installed when it is first measured, from its lock file, without
 * running anybody's install scripts.
 * @param {string} folder
 * @returns {string | null} its folder; null: it could not be had, and why has been said
 */
export function installPeer(folder) {
  const at = join(PEERS, folder);
  if (isInstalled(at)) return at;
  say(`Installing ${folder} into bench/peers/${folder}/node_modules …`);
  const { status, stderr, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: at, encoding: 'utf8' });
  if (status === 0 && isInstalled(at)) return at;
  say(`NOT MEASURED ${folder}: npm ci --ignore-scripts in bench/peers/${folder} failed: ${error?.message ?? stderr.trim().split('\n').slice(-3).join(' ')}`);
  return null;
}

/** @param {string} folder */
export function peerVersion(folder) {
  return String(Object.values(manifest(join(PEERS, folder)).dependencies ?? {})[0]);
}

/** @param {string} at */
function isInstalled(at) {
  return Object.entries(manifest(at).dependencies ?? {}).every(([name, version]) => {
    const installed = join(at, 'node_modules', name);
    return existsSync(join(installed, 'package.json')) && manifest(installed).version === version;
  });
}

/**
 * @param {string} at
 * @returns {{ version?: string, dependencies?: Record<string, string> }}
 */
function manifest(at) {
  return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
}
