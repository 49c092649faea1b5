// @ts-check
// npm run chaos -- --kills 100 --database sqlite|mariadb|mysql: the proof that sends happen exactly once. See --help.
import { buildIfStaleOrExit } from '../../scripts/build-if-stale.mjs';
import { HELP, readOptions } from './options.mjs';

for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143]])) process.once(signal, () => process.exit(code));
try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
  } else {
    buildIfStaleOrExit();
    const { play } = await import('./play.mjs');
    process.exitCode = (await play(options)) ? 0 : 1;
  }
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
