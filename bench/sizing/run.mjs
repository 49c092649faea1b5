// @ts-check
// npm run bench:sizing: measures what a row costs on disk, and redraws the tables of docs/scaling.md from all measured figures.
import { parseArgs } from 'node:util';
import { buildIfStaleOrExit } from '../../scripts/build-if-stale.mjs';

const HELP = `Usage: npm run bench:sizing -- [options]

Fills a fresh MySQL through the service, measures bytes a row, and writes the tables of docs/scaling.md: from this and from
what \`npm run bench\` has left in bench/results.

  --deliveries <n>   default 100000
  --tables           measures nothing: only writes the tables, from what lies in bench/results
  --help

MySQL and Redis: as test/README.md says.
`;

for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143]])) process.once(signal, () => process.exit(code));
try {
  const { values } = parseArgs({
    options: {
      deliveries: { type: 'string', default: '100000' },
      tables: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
  } else {
    if (!/^[1-9]\d{3,6}$/.test(values.deliveries)) throw new Error(`--deliveries ${values.deliveries}: give a whole number from 1000`);
    if (!values.tables) {
      buildIfStaleOrExit();
      const { measureRows } = await import('./measure-rows.mjs');
      await measureRows(Number(values.deliveries));
    }
    const { writeTables } = await import('./write-tables.mjs');
    writeTables();
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
