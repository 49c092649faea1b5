// @ts-check
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { aptInstall, isRoot, mustRun, onDebian, onPath, text } from './private-server.mjs';

const PROJECT = join(import.meta.dirname, '../../..');
const MIRROR = 'http://deb.debian.org/debian';

/**
 * A small root file system with Debian's MySQL 9 in it, to be entered by chroot (root only): TEST_MYSQL9_ROOT, else the
 * project's own under `.test-servers/`, made there once. Debian's stable suites carry MariaDB in MySQL's place.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
export function mysqlRoot(env) {
  if (env.TEST_MYSQL9_ROOT) {
    if (holdsMysql(env.TEST_MYSQL9_ROOT)) return env.TEST_MYSQL9_ROOT;
    throw new Error(`TEST_MYSQL9_ROOT: no usr/sbin/mysqld in ${env.TEST_MYSQL9_ROOT}`);
  }
  if (!isRoot()) return null;
  const cache = join(PROJECT, '.test-servers');
  const root = join(cache, 'mysql-root');
  if (holdsMysql(root)) return root;
  if (!onDebian()) return null;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'making-'));
  try {
    if (!onPath('debootstrap')) aptInstall('debootstrap');
    process.stdout.write('Fetching MySQL 9 for the tests into .test-servers/ (once, about half a minute) …\n');
    mustRun('debootstrap', ['--variant=minbase', '--include=mysql-server-core', 'sid', making, MIRROR]);
    // A run beside this one may have been first.
    if (!existsSync(root)) renameSync(making, root);
    return root;
  } catch (error) {
    process.stdout.write(`MySQL 9 could not be fetched: ${text(error)}\n`);
    return null;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** @param {string} root */
function holdsMysql(root) {
  return existsSync(join(root, 'usr/sbin/mysqld'));
}
