// @ts-check
import { parseArgs } from 'node:util';

const BENCHMARKS = ['ack', 'reply'];
/** So many deliveries under way that every contestant always has something to do; and so few that one that commits groups waits. */
const FULL_LOAD = '256';
const FEW = '64';

export const HELP = `Usage: npm run bench -- [options]

Runs the service beside its peers on this machine, each in its own processes, interleaved, and prints tables, goals and a
JSON file for each benchmark (bench/results/).

  --only <names>         ${BENCHMARKS.join(', ')} (default: all)
  --databases <names>    mysql, sqlite, mariadb (default: mysql,sqlite)
  --contestants <names>  leaves the others out (default: all)
  --rounds <n>           default 5
  --seconds <n>          measured in each round (default 9)
  --connections <n>      kept alive, each with one delivery under way (default ${FULL_LOAD}; ack on the first database also with ${FEW})
  --messages <n>         answered in each round of reply (default 8000)
  --graph-delays <ms,…>  how long the Graph takes to answer a send in reply (default 0,100; from the second
                         database on only the first of them)
  --quick                2 rounds of 3 seconds, 1500 messages: whether it works, not how fast
  --profile <folder>     writes a CPU profile (.cpuprofile) of every contestant there, and prints what the database was asked for
                         (MySQL); the rates are then not to be used
  --write-docs           afterwards draws docs/performance.md and its charts anew, from everything in bench/results
  --docs-only            only that
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
 * @property {number | null} fewConnections
 * @property {number} messages
 * @property {number} warmUpMessages
 * @property {number[]} graphDelays
 * @property {boolean} behaviour
 * @property {string | null} profile
 * @property {boolean} measure
 * @property {boolean} writeDocs
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
      connections: { type: 'string' },
      messages: { type: 'string' },
      'graph-delays': { type: 'string', default: '0,100' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      'docs-only': { type: 'boolean', default: false },
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
    connections: whole('connections', values.connections ?? FULL_LOAD),
    fewConnections: values.connections === undefined && !values.quick ? Number(FEW) : null,
    messages: sharedOut(whole('messages', values.messages ?? (values.quick ? '1500' : '8000'))),
    warmUpMessages: values.quick ? 200 : 10_000,
    graphDelays: values['graph-delays'].split(',').map((ms) => (ms === '0' ? 0 : whole('graph-delays', ms))),
    behaviour: values.profile === undefined,
    profile: values.profile ?? null,
    measure: !values['docs-only'],
    writeDocs: values['write-docs'] || values['docs-only'],
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
 * Two messages a person, and as many people for each of fifty accounts.
 * @param {number} messages
 */
function sharedOut(messages) {
  if (messages % 100 === 0) return messages;
  throw new Error(`--messages ${String(messages)}: give a multiple of 100`);
}

/**
 * @param {string} option
 * @param {string} text
 */
function whole(option, text) {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`--${option} ${text}: give a whole number from 1`);
}
