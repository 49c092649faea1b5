// @ts-check
import { parseArgs } from 'node:util';

const BENCHMARKS = ['ack'];

export const HELP = `Usage: npm run bench -- [options]

Runs the service beside its peers on this machine, each in its own processes, interleaved, and prints tables, goals and a
JSON file for each benchmark (bench/results/).

  --only <names>         ${BENCHMARKS.join(', ')} (default: all)
  --databases <names>    mysql, sqlite, mariadb (default: mysql,sqlite)
  --contestants <names>  leaves the others out (default: all)
  --rounds <n>           default 5
  --seconds <n>          measured in each round (default 9)
  --connections <n>      kept alive, each with one delivery under way (default 64)
  --quick                2 rounds of 3 seconds: whether it works, not how fast
  --profile <folder>     writes a CPU profile (.cpuprofile) of every contestant there; the figures are then not to be used
  --help

MySQL: TEST_MYSQL9_ROOT, TEST_MYSQL_URL, or as test/README.md says.
`;

/**
 * @typedef {object} Options
 * @property {string[]} only
 * @property {string[]} databases
 * @property {string[] | null} contestants
 * @property {number} rounds
 * @property {number} seconds
 * @property {number} warmUpSeconds
 * @property {number} connections
 * @property {string | null} profile
 */

/**
 * @param {string[]} args
 * @returns {Options | null} null: help is wanted
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: BENCHMARKS.join(',') },
      databases: { type: 'string', default: 'mysql,sqlite' },
      contestants: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string', default: '64' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    only: names('only', values.only, BENCHMARKS),
    databases: names('databases', values.databases, ['mysql', 'sqlite', 'mariadb']),
    contestants: values.contestants === undefined ? null : values.contestants.split(','),
    rounds: whole('rounds', values.rounds ?? (values.quick ? '2' : '5')),
    seconds: whole('seconds', values.seconds ?? (values.quick ? '3' : '9')),
    warmUpSeconds: values.quick ? 1 : 4,
    connections: whole('connections', values.connections),
    profile: values.profile ?? null,
  };
}

/**
 * @param {string} option
 * @param {string} text
 * @param {readonly string[]} allowed
 */
function names(option, text, allowed) {
  const given = text.split(',').map((name) => name.trim());
  const wrong = given.find((name) => !allowed.includes(name));
  if (wrong !== undefined) throw new Error(`--${option} ${wrong}: give ${allowed.join(', ')}`);
  return given;
}

/**
 * @param {string} option
 * @param {string} text
 */
function whole(option, text) {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`--${option} ${text}: give a whole number from 1`);
}
