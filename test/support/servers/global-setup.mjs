// @ts-check
import { buildIfStale } from '../../../scripts/build-if-stale.mjs';
import { startServers } from './start-servers.mjs';

/** Once per jest run: every worker gets the addresses through its environment. */
export default async function globalSetup() {
  // Some suites start the built service as a process of its own; the others can do without it.
  try {
    buildIfStale();
  } catch (error) {
    process.stdout.write(`\nNOT BUILT ${String(error)} Suites that start the built service will fail.\n`);
  }
  const servers = await startServers(process.env);
  /** @type {Record<string, unknown>} */ (globalThis).testServers = servers;
  process.env.TEST_SERVERS = JSON.stringify(servers.addresses);
  process.stdout.write(`\nTest servers: ${servers.summary}\n`);
  for (const line of servers.missing) process.stdout.write(`NOT TESTED ${line}\n`);
  if (servers.missing.length > 0 && process.env.CI) {
    await servers.stop();
    throw new Error(`With CI set every server must be had. ${servers.missing.join(' ')}`);
  }
}
