// @ts-check
// npm run bench:rules: what it costs to find the rule that answers a message, by the number of rules.
import { parseArgs } from 'node:util';
import { buildIfStaleOrExit } from '../../scripts/build-if-stale.mjs';

const HELP = `Usage: npm run bench:rules -- [options]

How long it takes to decide which of 10, 100, 1,000 and 10,000 rules answers a message: ours, a plain loop over the same
rules, and json-rules-engine (installed when it is first measured). No database, no network.

  --rounds <n>      default 5
  --seconds <n>     measured of each contestant in each round (default 2)
  --quick           2 rounds of half a second: whether it works, not how fast
  --write-docs      afterwards draws docs/performance.md and its charts anew
  --help
`;

for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143]])) process.once(signal, () => process.exit(code));
try {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
  } else {
    const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
    const seconds = Number(values.seconds ?? (values.quick ? 0.5 : 2));
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${String(values.rounds)}: give a whole number from 1`);
    if (!(seconds > 0 && seconds <= 600)) throw new Error(`--seconds ${String(values.seconds)}: give a number of seconds`);
    buildIfStaleOrExit();
    const { benchRules } = await import('./rules.mjs');
    await benchRules({ rounds, seconds });
    if (values['write-docs']) (await import('../docs/write-docs.mjs')).writeDocs();
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
