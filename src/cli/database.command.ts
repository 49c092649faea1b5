import type { INestApplicationContext } from '@nestjs/common';
import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { SealedSample } from '../accounts/index.js';
import { messageOf } from '../common/errors.js';
import { loadSettings } from '../config/index.js';
import type { SqliteFile } from '../database/index.js';
import { withApp } from './app-context.js';
import { CommandError } from './command-error.js';
import { print } from './output.js';
import { progressOf } from './progress.js';

const LINE_EVERY_MS = 2_000;
/** With REDIS_URL a service counts once a second: in that time one that lives has done so, however busy. */
const BEATS_WATCHED = 3;
/** Where a lock does not reach (a file shared with a virtual machine), this tells of a service that runs. */
const SIGN_IS_FRESH_MS = 10_000;

const HELP = `
The environment says where to: MYSQL_URL (or MYSQL_HOST, …), and as APP_SECRET_KEY the key of the SQLite file, which is the content
of secret.key beside it where none had been set. The database there must be empty; its tables are made.

Example: MYSQL_URL=mysql://… APP_SECRET_KEY="$(cat data/secret.key)" npm run cli -- database copy-from data/instagram-direct.sqlite`;

/** One account of each key, as the file holds it. */
const SEALED_SAMPLES = `
  SELECT MIN(id) AS id, access_token AS accessToken, app_secret AS appSecret, webhook_verify_token AS webhookVerifyToken, credential_key_id AS credentialKeyId
  FROM instagram_business_accounts WHERE deleted_at IS NULL GROUP BY credential_key_id`;

export function addDatabaseCommands(program: Command): void {
  const database = program.command('database').description('The database as a whole');
  database
    .command('copy-from')
    .description(
      'Copies everything from the embedded SQLite database of a stopped service into the MySQL or MariaDB of this environment. The file is called <file>.moved then: no service may use it any more.',
    )
    .argument('<file>', 'the SQLite file: instagram-direct.sqlite in DATA_DIR')
    .addHelpText('after', HELP)
    .action(copyFrom);
}

async function copyFrom(path: string): Promise<void> {
  const { mysql } = loadSettings();
  if (mysql === null) throw new CommandError('This environment means the embedded database: set MYSQL_URL (or MYSQL_HOST, …) to the one to copy into.');
  const { SqliteFile } = await import('../database/index.js');
  const source = SqliteFile.open(path);
  try {
    const rows = await withApp(({ app }) => copy(source, app), { checkCredentials: false });
    putAway(source, path);
    print(
      `Copied ${String(rows)} rows into ${mysql.database} on ${mysql.host}, and counted them there. The file is called ${source.movedName} now: ` +
        'never start a service on it, which would send its queue a second time. Start the service with the variables of this command.',
    );
  } finally {
    source.close();
  }
}

async function copy(source: SqliteFile, app: INestApplicationContext): Promise<number> {
  const { DatabaseCopy } = await import('../database/index.js');
  const { CredentialCheck } = await import('../accounts/index.js');
  const { MOVING_ENTITIES } = await import('../schema.js');
  const toHere = app.get(DatabaseCopy, { strict: false });
  const credentials = app.get(CredentialCheck, { strict: false });
  await toHere.check(source, MOVING_ENTITIES);
  refuseFreshSign(source);
  await refuseRunningService(app);
  credentials.tryOn(source.select<SealedSample>(SEALED_SAMPLES));
  const progress = progressOf('Copying', 'rows', LINE_EVERY_MS);
  const rows = await toHere.run(source, MOVING_ENTITIES, progress.show).finally(progress.end);
  await credentials.run();
  return rows;
}

/** With REDIS_URL whoever works on the file writes so once a second, and takes it back when it ends in order. */
function refuseFreshSign(source: SqliteFile): void {
  for (const { seenAt } of source.select<{ seenAt: string }>('SELECT seen_at AS seenAt FROM service_instances')) {
    const left = SIGN_IS_FRESH_MS - Math.abs(Date.now() - Date.parse(`${seenAt.replace(' ', 'T')}Z`));
    if (left > 0) throw new CommandError(`A service has worked on the file until just now: stop it. If it was killed, run this again in ${String(Math.ceil(left / 1000))} s.`);
  }
}

/** One without REDIS_URL does not count on: the first API key that it has made tells of it, or rows that are not there when all are counted. */
async function refuseRunningService(app: INestApplicationContext): Promise<void> {
  const { TransactionRunner } = await import('../database/index.js');
  const { BEAT_EVERY_MS, InstanceRepository } = await import('../messaging/index.js');
  const instances = app.get(InstanceRepository, { strict: false });
  const signs = () => app.get(TransactionRunner, { strict: false }).read((tx) => instances.list(tx));
  const before = await signs();
  if (before.length === 0) return;
  await delay(BEATS_WATCHED * BEAT_EVERY_MS);
  const beats = new Map(before.map((sign) => [sign.id, sign.beats]));
  if ((await signs()).some((sign) => beats.get(sign.id) !== sign.beats)) throw new CommandError('A service runs on the database to copy into: stop it, and run this again.');
}

function putAway(source: SqliteFile, path: string): void {
  try {
    source.moveAway();
  } catch (error) {
    throw new CommandError(`Everything is copied, but ${path} could not be renamed (${messageOf(error)}): do it yourself before any service is started on it, which would send its queue a second time.`);
  }
}
