// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RULES } from '../ack/contestants.mjs';
import { benchAccounts } from '../support/accounts.mjs';
import { Graph } from '../support/graph.mjs';
import { Load } from '../support/load.mjs';
import { explain, number, say } from '../support/report.mjs';
import { addAccounts, startService } from '../support/service.mjs';
import { giveBufferPool, startServer } from '../support/servers.mjs';
import { fillEmbedded } from './fill-embedded.mjs';
import { fill } from './fill.mjs';
import { startFilled } from './kept-data.mjs';
import { reportGrowth } from './report.mjs';
import { sizeOf } from './rest.mjs';
import { takeRounds } from './rounds.mjs';

/** @typedef {import('../support/servers.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('../support/servers.mjs').BenchServer} BenchServer */
/** @typedef {import('./shape.mjs').Size} Size */
/** @typedef {Size & { rounds: number, seconds: number, bufferPoolMib: number, redoLogMib: number, data: string, fillOnly: boolean }} Options */
/** @typedef {{ server: BenchServer, filled: BenchDatabase, size: Size, kept: boolean }} Filled */
/** @typedef {{ graph: Graph, accounts: ReturnType<typeof benchAccounts> }} Surroundings */

const ACCOUNTS = 20;
const PEOPLE = 10_000;
const EMPTY = { messages: 20_000, conversations: 10_000, events: 10_000 };
const KEYWORD = 'blue whale';

/**
 * @param {string} databaseKind
 * @param {Options} options
 * @returns {Promise<boolean>} every goal reached
 */
export async function benchGrowth(databaseKind, options) {
  const graph = await Graph.start();
  const load = Load.start();
  try {
    const accounts = benchAccounts(ACCOUNTS);
    await graph.addAccounts(accounts);
    const { server, filled, size, kept } = await start(databaseKind, options, { graph, accounts });
    try {
      if (options.fillOnly) return true;
      return await compare({ server, filled, size, graph, load, accounts, options });
    } finally {
      await (kept ? filled.close() : filled.drop());
      await server.stop();
    }
  } finally {
    await load.stop();
    await graph.stop();
  }
}

/**
 * A MySQL of our own is filled in a hurry and started anew, to be measured as it is delivered; one that was given, and
 * MariaDB, are filled as they are.
 * @param {string} databaseKind
 * @param {Options} options
 * @param {Surroundings} surroundings
 * @returns {Promise<Filled>}
 */
async function start(databaseKind, options, surroundings) {
  const fillIt = (/** @type {BenchDatabase} */ database, /** @type {Size} */ size) => fillDatabase(database, size, surroundings);
  if (databaseKind === 'mysql' && !process.env.TEST_MYSQL_URL) {
    const folder = options.data === '' ? passingFolder() : options.data;
    const settings = [`--innodb-buffer-pool-size=${String(options.bufferPoolMib)}M`, `--innodb-redo-log-capacity=${String(options.redoLogMib)}M`];
    const { server, mark } = await startFilled(folder, options, settings, fillIt);
    return { server, filled: await server.open(mark.schema), size: mark, kept: true };
  }
  if (options.data !== '') throw new Error('--data: only a MySQL of this run\'s own keeps its data (not MariaDB, not TEST_MYSQL_URL)');
  const server = await startServer(databaseKind);
  const filled = await server.create();
  await giveBufferPool(server, filled, options.bufferPoolMib);
  say(`filled in ${number(await fillIt(filled, options), 0)} s`);
  return { server, filled, size: options, kept: false };
}

function passingFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'direct-growth-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * @param {BenchDatabase} database
 * @param {Size} size
 * @param {Surroundings} surroundings
 */
async function fillDatabase(database, size, { graph, accounts }) {
  const service = await startService({ database, graphUrl: graph.url });
  try {
    await addAccounts(service, accounts, [...RULES, { name: KEYWORD, triggerType: 'contains', triggerValue: KEYWORD, responseTemplate: 'In the sea.' }]);
  } finally {
    await service.stop();
  }
  const ids = accounts.map(({ id }) => id);
  const { MYSQL_URL: url, DATA_DIR: folder } = database.env;
  return url === undefined ? await fillEmbedded(join(String(folder), 'instagram-direct.sqlite'), ids, size) : await fill(url, ids, size);
}

/** @param {Surroundings & { server: BenchServer, filled: BenchDatabase, size: Size, load: Load, options: Options }} surroundings */
async function compare({ server, filled, size, graph, load, accounts, options }) {
  const { rounds, seconds, bufferPoolMib, redoLogMib } = options;
  const isEmbedded = server.kind === 'sqlite';
  const title = `growth, ${server.name}: ${number(size.messages, 0)} messages, ${number(size.conversations, 0)} conversations, ${number(size.events, 0)} settled events`;
  const explanation = [
    `Two databases on one ${isEmbedded ? 'disk, made from numbers' : 'server'}: one filled, and one with ${number(EMPTY.messages, 0)} messages of ${number(EMPTY.conversations, 0)} conversations, so that its lists have pages.${isEmbedded ? '' : ' The server makes the rows itself from numbers, in a hurry, and is then started anew as it is delivered.'}`,
    `${String(ACCOUNTS)} accounts; the first has six in ten of all conversations, and one conversation of some ten thousand messages.`,
    `${String(rounds)} rounds; each measures both, ROLE=all, one after the other, in an order that changes: deliveries a second (64 connections, ${String(seconds)} s, text messages of ${number(PEOPLE, 0)} people whose conversations exist, and who have written once to warm up).`,
    'Then both services run, and calls alternate between them: lists of the first account (first page, and a page as deep as 50 pages of 200), and replies, one at a time, from delivery to the call of Graph.',
    ...(isEmbedded ? ['Before each, what stands in the write-ahead log is moved into the file.'] : [
      'Before each, deleted rows are purged and changed pages are on the disk, and the unique indexes, whose keys are hashes, have been read once: a server that has been up for a while holds them, as far as they fit.',
      `Database server: as it is delivered, but for its buffer pool of ${number(bufferPoolMib, 0)} MiB (it comes with 128) and its redo log of ${number(redoLogMib, 0)} (it comes with 100), for both.`,
    ]),
    `Durability: ${Object.entries(server.durability).map((pair) => pair.join('=')).join(', ')}.`,
    'Unfair to the filled one: nothing. Unfair to the empty one: its pages are all in memory, as they would be. What is delivered in a round stays, in both.',
  ];
  explain(title, explanation);
  const empty = await server.create();
  try {
    await fillDatabase(empty, EMPTY, { graph, accounts });
    const sizes = { empty: await sizeOf(empty), filled: await sizeOf(filled) };
    const results = await takeRounds({ empty, filled }, rounds, { server, graph, load, accounts, keyword: KEYWORD, people: PEOPLE, seconds });
    return reportGrowth({ title, explanation }, server, results, { options: { ...options, ...size }, sizes });
  } finally {
    await empty.drop();
  }
}
