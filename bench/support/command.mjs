// @ts-check
import { parseArgs } from 'node:util';
import { buildIfStaleOrExit } from '../../scripts/build-if-stale.mjs';

/** @typedef {{ text: string, default: string }} Setting */

/**
 * A benchmark with a command of its own: `--name value` for each setting, `--write-docs`, `--help`, and a build first where one is due.
 * @param {string} name of the npm script
 * @param {readonly string[]} about what it does, for --help
 * @param {Record<string, Setting>} settings names in kebab case; a default of digits makes it a whole number
 * @param {(given: { number: (name: string) => number, text: (name: string) => string }) => Promise<boolean>} run false: a goal was missed that must not be
 */
export async function command(name, about, settings, run) {
  for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143]])) process.once(signal, () => process.exit(code));
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        ...Object.fromEntries(Object.entries(settings).map(([option, setting]) => [option, { type: /** @type {const} */ ('string'), default: setting.default }])),
      },
    });
    if (values.help) return void process.stdout.write(help(name, about, settings));
    const text = (/** @type {string} */ option) => String(/** @type {Record<string, unknown>} */ (values)[option]);
    for (const [option, setting] of Object.entries(settings)) {
      if (/^\d+$/.test(setting.default) && !/^\d{1,9}$/.test(text(option))) throw new Error(`--${option} ${text(option)}: give a whole number`);
    }
    buildIfStaleOrExit();
    if (!(await run({ text, number: (option) => Number(text(option)) }))) process.exitCode = 1;
    if (values['write-docs']) (await import('../docs/write-docs.mjs')).writeDocs();
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}

/**
 * @param {string} name
 * @param {readonly string[]} about
 * @param {Record<string, Setting>} settings
 */
function help(name, about, settings) {
  const lines = Object.entries(settings).map(([option, setting]) => `  --${option.padEnd(16)} ${setting.text}${setting.default === '' ? '' : ` (default: ${setting.default})`}`);
  return `Usage: npm run ${name} -- [options]\n\n${about.join('\n')}\n\n${lines.join('\n')}\n  --${'write-docs'.padEnd(16)} afterwards draws docs/performance.md and its charts anew\n\nMySQL: TEST_MYSQL9_ROOT, TEST_MYSQL_URL, or as test/README.md says.\n`;
}
