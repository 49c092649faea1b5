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
    buildIfStaleOrExit();
    const { benchAck } = await import('./ack/ack.mjs');
    for (const database of options.databases) await benchAck(database, options);
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
