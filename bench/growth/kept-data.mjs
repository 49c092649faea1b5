// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { number, say } from '../support/report.mjs';
import { startKeptMySql } from '../support/servers.mjs';

/** @typedef {import('./shape.mjs').Size} Size */
/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {Size & { schema: string, filledAt: string, filledInSeconds: number }} Mark */

/**
 * Nothing here is on the disk when it is answered: a fill that is broken off is begun again, from nothing. As full as rows
 * that come in any order leave the pages of an index, not as a sorted build packs them.
 */
const WHILE_FILLING = ['--skip-log-bin', '--innodb-doublewrite=OFF', '--innodb-flush-log-at-trx-commit=0', '--innodb-fill-factor=70', '--innodb-fast-shutdown=0',
  '--innodb-io-capacity=20000', '--innodb-io-capacity-max=40000', '--innodb-buffer-pool-size=3G'];

/**
 * The server whose data lie in this folder: filled now, unless it is already. It is then started anew, with its own
 * durability, which is asked for before anything is measured.
 * @param {string} folder
 * @param {Size} size
 * @param {readonly string[]} settings of the server that is measured
 * @param {(database: BenchDatabase, size: Size) => Promise<number>} fill
 * @returns {Promise<{ server: import('../support/servers.mjs').BenchServer, mark: Mark }>}
 */
export async function startFilled(folder, size, settings, fill) {
  const mark = readMark(folder) ?? await fillNow(folder, size, fill);
  say(`${folder}: ${number(mark.messages, 0)} messages, ${number(mark.conversations, 0)} conversations, ${number(mark.events, 0)} events, filled ${mark.filledAt} in ${number(mark.filledInSeconds, 0)} s`);
  return { server: await startKeptMySql(join(folder, 'mysql'), settings, true), mark };
}

/**
 * @param {string} folder
 * @returns {Mark | null}
 */
function readMark(folder) {
  const file = join(folder, 'filled.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/**
 * @param {string} folder
 * @param {Size} size
 * @param {(database: BenchDatabase, size: Size) => Promise<number>} fill
 * @returns {Promise<Mark>}
 */
async function fillNow(folder, size, fill) {
  const data = join(folder, 'mysql');
  // Another's files are not removed because of a mistyped address.
  const strangers = existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'mysql') : [];
  if (strangers.length > 0) throw new Error(`${folder} is neither empty nor of this benchmark: ${strangers.slice(0, 3).join(', ')}`);
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const server = await startKeptMySql(data, WHILE_FILLING, false);
  try {
    const database = await server.create();
    await database.rows('ALTER INSTANCE DISABLE INNODB REDO_LOG');
    const filledInSeconds = await fill(database, size);
    // A state of the server that it would keep.
    await database.rows('ALTER INSTANCE ENABLE INNODB REDO_LOG');
    await database.close();
    await server.stop();
    const mark = { messages: size.messages, conversations: size.conversations, events: size.events, schema: database.schema, filledAt: new Date().toISOString(), filledInSeconds };
    writeFileSync(join(folder, 'filled.json'), `${JSON.stringify(mark, null, 2)}\n`);
    return mark;
  } catch (error) {
    await server.stop().catch(() => undefined);
    throw error;
  }
}
