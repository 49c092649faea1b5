// @ts-check
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run chaos -- [options]

Kills the service (kill -9) again and again under load, with a local Meta that accepts messages and then drops the
connection, and checks that every acknowledged message was answered exactly once.

  --kills <n>            how often (default 100)
  --database <which>     sqlite (default), mariadb, mysql, or mysql://… of an empty database
  --seed <n>             repeats a run's plan of kills, faults and messages (default: random; it is printed)
  --conversations <n>    people who write at the same time (default 24)
  --accounts <n>         accounts they write to (default 4)
  --instances <n>        so many processes on one server and a Redis of the run's own; one at random is killed (default 1)
  --settle <seconds>     how long everything may take to be settled after the last kill (default 240)
  --help
`;

/**
 * @typedef {{ kills: number, database: string, seed: number, conversations: number, accounts: number, instances: number, settle: number }} Options
 */

/**
 * @param {string[]} args
 * @returns {Options | null} null: help is wanted
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      kills: { type: 'string', default: '100' },
      database: { type: 'string', default: 'sqlite' },
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      conversations: { type: 'string', default: '24' },
      accounts: { type: 'string', default: '4' },
      instances: { type: 'string', default: '1' },
      settle: { type: 'string', default: '240' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  if (!/^(sqlite|mariadb|mysql|mysql:\/\/.+)$/.test(values.database)) {
    throw new Error(`--database ${values.database}: give sqlite, mariadb, mysql or mysql://…`);
  }
  if (values.instances !== '1' && values.database === 'sqlite') throw new Error('--instances: several need a server; give --database mysql or mariadb');
  return {
    kills: whole('kills', values.kills),
    database: values.database,
    seed: whole('seed', values.seed),
    conversations: whole('conversations', values.conversations),
    accounts: whole('accounts', values.accounts),
    instances: whole('instances', values.instances),
    settle: whole('settle', values.settle),
  };
}

/**
 * @param {string} name
 * @param {string} text
 */
function whole(name, text) {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} ${text}: give a whole number from 1`);
}
