// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { hasDocker, inDocker } from './docker.mjs';
import { mysqlRoot } from './mysql-root.mjs';
import { aptInstall, isRoot, keepServer, mustRun, onDebian, onFreePort, onPath, text } from './private-server.mjs';

/** @typedef {'MariaDB' | 'MySQL'} Brand */
/** @typedef {{ brand: Brand, url: string, version: string, how: string, stop: () => Promise<void> }} SqlServer */
/** @typedef {{ url: string, version: string, brand: Brand }} Address */
/**
 * `data`: a folder that outlives the server, made a data folder when it is empty; not with docker. `settings` there are left out,
 * so none may change what a test finds.
 * @typedef {{ data?: string, settings?: readonly string[] }} Wishes
 */

const USER = 'direct_test';
const PASSWORD = 'direct-test';
const CREATE_USER = `CREATE USER IF NOT EXISTS '${USER}'@'%' IDENTIFIED BY '${PASSWORD}';\nGRANT ALL PRIVILEGES ON *.* TO '${USER}'@'%' WITH GRANT OPTION;\n`;
/** Size only: durability stays as the server has it by default. */
const SETTINGS = ['--innodb-buffer-pool-size=128M', '--max-connections=400', '--max-allowed-packet=64M'];

/**
 * What is committed is handed to the kernel, but not waited for until it is on the disk: it survives all that the tests kill,
 * which is processes, the server’s included. A run commits some fifteen thousand times on each. Never to be measured with.
 */
export const WITHOUT_WAITING_FOR_THE_DISK = ['--innodb-flush-log-at-trx-commit=2', '--sync-binlog=0'];

/**
 * The server behind TEST_MYSQL_URL, whichever brand it is: it stands in for a private one of that brand.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<SqlServer | null>}
 */
export async function givenServer(env) {
  const url = env.TEST_MYSQL_URL;
  if (!url) return null;
  return { ...(await look(url)), how: 'TEST_MYSQL_URL', stop: async () => {} };
}

/**
 * @param {Pick<Wishes, 'settings'>} [wishes]
 * @returns {Promise<SqlServer | null>}
 */
export async function startMariaDb({ settings = [] } = {}) {
  let command = installed('MariaDB');
  if (!command && isRoot() && onDebian()) {
    aptInstall('mariadb-server');
    command = installed('MariaDB');
  }
  if (command) return await startMariaDbProgram(command, settings);
  return hasDocker() ? await container('mariadb:10.11', 'MARIADB_ROOT_PASSWORD') : null;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {Wishes} [wishes]
 * @returns {Promise<SqlServer | null>}
 */
export async function startMySql(env, wishes = {}) {
  const command = env.TEST_MYSQL9_ROOT ? undefined : installed('MySQL');
  if (command) return await startMySqlProgram(command, null, wishes);
  const root = mysqlRoot(env);
  if (root) return await startMySqlProgram('/usr/sbin/mysqld', root, wishes);
  return hasDocker() && wishes.data === undefined ? await container('mysql:9', 'MYSQL_ROOT_PASSWORD') : null;
}

/**
 * Debian's `mysqld` may be MariaDB under its old name: the program is asked.
 * @param {Brand} brand
 */
function installed(brand) {
  for (const name of brand === 'MariaDB' ? ['mariadbd', 'mysqld'] : ['mysqld']) {
    const command = onPath(name);
    if (!command) continue;
    const said = spawnSync(command, ['--no-defaults', '--version'], { encoding: 'utf8' }).stdout;
    if (/mariadb/i.test(said) === (brand === 'MariaDB')) return command;
  }
  return undefined;
}

/**
 * @param {string} command
 * @param {readonly string[]} settings
 * @returns {Promise<SqlServer>}
 */
function startMariaDbProgram(command, settings) {
  return onFreePort(async (port) => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-mariadb-'));
    const data = join(folder, 'data');
    const install = onPath('mariadb-install-db', 'mysql_install_db') ?? 'mariadb-install-db';
    mustRun(install, ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asUser()]);
    writeFileSync(join(folder, 'init.sql'), CREATE_USER);
    const args = ['--no-defaults', `--datadir=${data}`, ...network(port), ...SETTINGS, `--socket=${join(folder, 's')}`,
      `--pid-file=${join(folder, 'pid')}`, `--init-file=${join(folder, 'init.sql')}`, ...asUser(), ...settings];
    const { result, stop } = await keepServer({ folder, command, args, ready: () => look(address(port)) });
    return { ...result, how: command, stop };
  });
}

/**
 * @param {string} program
 * @param {string | null} root a root file system to run it in; null: this one
 * @param {Wishes} wishes
 * @returns {Promise<SqlServer>}
 */
function startMySqlProgram(program, root, { data: kept, settings = [] }) {
  return onFreePort(async (port) => {
    const outer = join(root ?? '', tmpdir());
    mkdirSync(outer, { recursive: true });
    const folder = mkdtempSync(join(outer, 'direct-mysql-'));
    const inner = folder.slice((root ?? '').length); // as the server sees it
    const data = kept && !root ? kept : `${inner}/data`;
    const [command = program, ...before] = [...(kept && root ? mounted(kept, `${folder}/data`) : []), ...(root ? ['chroot', root, program] : [program])];
    const own = ['--no-defaults', `--datadir=${data}`, '--secure-file-priv=NULL', ...asUser()];
    if (!kept || readdirSync(kept).length === 0) mustRun(command, [...before, ...own, '--initialize-insecure']);
    writeFileSync(join(folder, 'init.sql'), CREATE_USER);
    const args = [...before, ...own, ...network(port), ...SETTINGS, '--mysqlx=OFF', `--socket=${inner}/s`,
      `--pid-file=${inner}/pid`, `--init-file=${inner}/init.sql`, ...settings];
    const { result, stop } = await keepServer({ folder, command, args, ready: () => look(address(port)) });
    return { ...result, how: root ? `chroot ${root}` : command, stop };
  });
}

/**
 * Leads a folder into a root file system, for one command and what it starts: gone with them, and nobody else sees it, least
 * of all who removes the server's own folder.
 * @param {string} folder
 * @param {string} at
 */
function mounted(folder, at) {
  mkdirSync(at);
  return ['unshare', '--mount', 'sh', '-c', 'mount --bind "$1" "$2" && shift 2 && exec "$@"', 'sh', folder, at];
}

/**
 * @param {string} image
 * @param {string} variable
 * @returns {Promise<SqlServer>}
 */
async function container(image, variable) {
  const url = (/** @type {number} */ port) => address(port, 'root');
  const { result, stop } = await inDocker({
    image, inner: 3306, args: ['-e', `${variable}=${PASSWORD}`], ready: (port) => look(url(port)),
  });
  return { ...result, how: `docker ${image}`, stop };
}

/**
 * @param {string} url
 * @returns {Promise<Address>}
 */
async function look(url) {
  const connection = await createConnection({ uri: url, connectTimeout: 5000 });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    const version = String(/** @type {{ version: string }[]} */ (rows)[0]?.version);
    return { url, version, brand: /mariadb/i.test(version) ? 'MariaDB' : 'MySQL' };
  } catch (error) {
    throw new Error(text(error).replaceAll(PASSWORD, '…'), { cause: error });
  } finally {
    await connection.end().catch(() => undefined);
  }
}

/** @param {number} port */
const network = (port) => [`--port=${String(port)}`, '--bind-address=127.0.0.1'];

/** The servers refuse to run as root unless told to; these are private and short-lived. */
const asUser = () => (isRoot() ? ['--user=root'] : []);

/** @param {number} port */
function address(port, user = USER) {
  return `mysql://${user}:${PASSWORD}@127.0.0.1:${String(port)}`;
}
