// @ts-check
// npm run bench: the service beside its peers, in one go. See --help and bench/README.md.
import { buildIfStaleOrExit } from '../scripts/build-if-stale.mjs';
import { HELP, readOptions } from './options.mjs';

for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143]])) process.once(signal, () => process.exit(code));
try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
  } else {
    if (options.measure) await measure(options);
    if (options.writeDocs) (await import('./docs/write-docs.mjs')).writeDocs();
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}

/** @param {import('./options.mjs').Options} options */
async function measure(options) {
  buildIfStaleOrExit();
  const [{ benchAck }, { benchReply }] = await Promise.all([import('./ack/ack.mjs'), import('./reply/reply.mjs')]);
  for (const database of options.databases) {
    if (options.only.includes('ack')) {
      await benchAck(database, options);
      const { fewConnections: few } = options;
      if (few !== null && database === options.databases[0]) await benchAck(database, { ...options, connections: few }, `-${String(few)}`);
    }
    if (!options.only.includes('reply')) continue;
    // A slow Graph is the same for every database.
    for (const graphDelayMs of database === options.databases[0] ? options.graphDelays : options.graphDelays.slice(0, 1)) {
      // One reply with another shop's token is worse than any figure.
      if (!(await benchReply(database, graphDelayMs, options))) process.exitCode = 1;
    }
  }
}
