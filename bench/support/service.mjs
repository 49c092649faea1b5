// @ts-check
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Service } from '../../test/chaos/service.mjs';

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */
/** @typedef {import('./servers.mjs').BenchDatabase} BenchDatabase */

/**
 * Starts the built service as a process of its own and waits until it is ready. `.url`, `.pid`, `.api()`, `.stop()`.
 * @param {{ database: BenchDatabase, graphUrl: string, role?: string, env?: Record<string, string>, nodeArgs?: string[] }} options
 */
export async function startService({ database, graphUrl, role = 'all', env = {}, nodeArgs = [] }) {
  const folder = mkdtempSync(join(tmpdir(), 'direct-bench-'));
  mkdirSync(folder, { recursive: true });
  const service = new Service({
    folder,
    port: await freePort(),
    env: { ...database.env, GRAPH_API_BASE_URL: graphUrl, ROLE: role, ...env },
    nodeArgs,
  });
  const stop = async () => {
    const code = await service.stop();
    rmSync(folder, { recursive: true, force: true });
    return code;
  };
  try {
    service.spawn();
    await service.ready();
  } catch (error) {
    await stop();
    throw error;
  }
  const kill = async () => {
    await service.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: service.url, adminKey: service.adminKey, pid: service.pid, folder, api: service.api.bind(service), list: service.list.bind(service), stop, kill };
}

/**
 * Accounts as a benchmark needs them: the guard against loops of automatic replies is out of the way.
 * @param {Awaited<ReturnType<typeof startService>>} service
 * @param {readonly BenchAccount[]} accounts
 * @param {readonly object[]} [rules]
 */
export async function addAccounts(service, accounts, rules = []) {
  for (const account of accounts) {
    await service.api('POST', '/accounts', { ...account, settings: { maxAutomaticTurns: 100_000 } });
    for (const rule of rules) await service.api('POST', `/accounts/${account.id}/rules`, rule);
  }
}
