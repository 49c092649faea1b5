import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DataSource } from 'typeorm';
import { LANES as MIGRATED_LANES } from '../migrations/1764000000000-create-schema.js';
import { MIGRATIONS } from '../migrations/index.js';
import { migrate, openDataSource, type DatabaseKind } from '../src/database/index.js';
import { LANES } from '../src/messaging/lanes.js';
import { SCHEMA } from '../src/schema.js';
import { insertAccount } from './support/account-row.js';
import { eachDatabase } from './support/databases.js';

const ALL = MIGRATIONS.map((migration) => migration.name);

/** What people read and search: compared as people compare. Everything else is compared byte for byte. */
const READABLE = new Set([
  'instagram_business_accounts.username', 'conversations.participant_username', 'conversations.participant_name',
  'conversations.automation_reason', 'response_rules.name', 'unrouted_events.reason', 'audit_log.actor',
  'audit_log.target', 'audit_log.request_id', 'api_keys.name',
]);
/** Made by Meta, who promises no alphabet. */
const FOREIGN = new Set(['messages.external_id']);

eachDatabase((database) => {
  let dataSource: DataSource;
  let kind: DatabaseKind;

  beforeAll(async () => {
    ({ dataSource, kind } = await openDataSource(database.settings(), SCHEMA));
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  it('lets four processes migrate at once: one does the work', async () => {
    const script = join(import.meta.dirname, 'support/migrate-once.mjs');
    const env = { PATH: process.env.PATH, ...database.env };
    const runs = await Promise.all(Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, [script], { env })));
    const ran = runs.map(({ stdout }) => JSON.parse(stdout) as string[]);
    expect(ran.filter((names) => names.length > 0)).toEqual([ALL]);
  });

  it('leaves no difference between entities and schema', async () => {
    expect(await drift(dataSource)).toEqual([]);
  });

  it('goes back to nothing, and forward again', async () => {
    for (const _ of ALL) await dataSource.undoLastMigration({ transaction: kind === 'sqlite' ? 'each' : 'none' });
    expect(await tables(dataSource, kind)).toEqual(['migrations']);
    let begun = 0;
    const onBegin = () => {
      begun += 1;
    };
    expect(await migrate(dataSource, kind, { onBegin })).toEqual(ALL);
    expect([await migrate(dataSource, kind, { onBegin }), begun]).toEqual([[], 1]);
    expect(await drift(dataSource)).toEqual([]);
  });

  it('finishes a migration that was interrupted before it was noted', async () => {
    await dataSource.query('DELETE FROM migrations');
    expect(await migrate(dataSource, kind)).toEqual(ALL);
    expect(await drift(dataSource)).toEqual([]);
  });

  it('takes what is stored along from the first version to this one', async () => {
    for (const _ of ALL.slice(1)) await dataSource.undoLastMigration({ transaction: kind === 'sqlite' ? 'each' : 'none' });
    await insertAccount(dataSource, '5');
    await dataSource.query(
      `INSERT INTO response_rules (account_id, name, enabled, priority, trigger_type, response_template, cooldown_seconds, created_at, updated_at)
       VALUES ('5', 'kept', 1, 1, 'any', 'x', 0, '2026-01-01 00:00:00.000', '2026-01-01 00:00:00.000')`,
    );
    expect(await migrate(dataSource, kind)).toEqual(ALL.slice(1));
    expect(await dataSource.query("SELECT name FROM response_rules WHERE account_id = '5'")).toEqual([{ name: 'kept' }]);
    const care: unknown = await dataSource.query("SELECT task, failures FROM account_care WHERE account_id = '5' ORDER BY task");
    expect(care).toEqual([{ task: 'subscription', failures: 0 }, { task: 'token', failures: 0 }]);
    expect(await drift(dataSource)).toEqual([]);
  });

  it('goes back over what is stored, and keeps it', async () => {
    await insertAccount(dataSource, '6');
    await insertNumbered(dataSource, '6');
    const ids = await numbered(dataSource, '6');
    for (const _ of ALL.slice(1)) await dataSource.undoLastMigration({ transaction: kind === 'sqlite' ? 'each' : 'none' });
    expect(await numbered(dataSource, '6')).toEqual(ids);
    expect(await migrate(dataSource, kind)).toEqual(ALL.slice(1));
    expect(await numbered(dataSource, '6')).toEqual(ids);
    expect(await drift(dataSource)).toEqual([]);
  });

  it('gives no id of a deleted row to another one after an upgrade', async () => {
    for (const _ of ALL.slice(1)) await dataSource.undoLastMigration({ transaction: kind === 'sqlite' ? 'each' : 'none' });
    await insertAccount(dataSource, '7');
    await insertNumbered(dataSource, '7');
    const former = await numbered(dataSource, '7');
    for (const table of NUMBERED) await dataSource.query(`DELETE FROM ${table} WHERE account_id = '7'`);
    expect(await migrate(dataSource, kind)).toEqual(ALL.slice(1));
    await insertNumbered(dataSource, '7');
    const later = await numbered(dataSource, '7');
    expect(NUMBERED.filter((_, i) => (later[i] ?? 0) <= (former[i] ?? 0))).toEqual([]);
  });

  it('makes the lanes the code counts on', async () => {
    expect(MIGRATED_LANES).toBe(LANES);
    for (const table of ['inbox_lanes', 'outbox_lanes']) {
      const rows: { lane: number }[] = await dataSource.query(`SELECT lane FROM ${table} ORDER BY lane`);
      expect(rows.map((row) => row.lane)).toEqual(Array.from({ length: LANES }, (_, lane) => lane));
    }
  });

  it('gives every column of text the collation it needs', async () => {
    if (kind === 'sqlite') {
      // SQLite compares byte for byte unless a column says otherwise.
      const rows: unknown[] = await dataSource.query(`SELECT name FROM sqlite_master WHERE sql LIKE '%COLLATE%'`);
      expect(rows).toEqual([]);
      return;
    }
    const rows: { id: string; type: string; collation: string }[] = await dataSource.query(
      `SELECT CONCAT(table_name, '.', column_name) AS id, data_type AS type, collation_name AS collation
       FROM information_schema.columns
       WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND table_name <> 'migrations'`,
    );
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.map(({ id, collation }) => `${id} ${collation}`)).toEqual(
      rows.map(({ id, type }) => `${id} ${expectedCollation(id, type)}`),
    );
  });

  it('tells ids apart that differ in letter case or in a space at the end', async () => {
    await insertAccount(dataSource, '17');
    const mids = ['aGVsbG8', 'AGVSBG8', 'aGVsbG8 '];
    for (const [i, mid] of mids.entries()) {
      await dataSource.query(
        `INSERT INTO messages (account_id, id, conversation_id, position, direction, kind, external_id, external_key, status, created_at)
         VALUES ('17', ?, '17:1', ?, 'inbound', 'text', ?, ?, 'received', '2026-01-01 00:00:00.000')`,
        // The key is a hash in real life; here two that differ in one letter's case.
        [`m${String(i)}`, i, mid, ['key', 'KEY', 'kEY'][i]],
      );
    }
    const same: unknown[] = await dataSource.query(`SELECT id FROM messages WHERE account_id = '17' AND external_key = 'key'`);
    expect(same).toEqual([{ id: 'm0' }]);
    const rows: { external_id: string }[] = await dataSource.query(`SELECT external_id FROM messages WHERE account_id = '17' ORDER BY position`);
    expect(rows.map((row) => row.external_id)).toEqual(mids);
  });
});

const NUMBERED = ['response_rules', 'outbox_messages', 'webhook_events'];

async function insertNumbered(dataSource: DataSource, accountId: string): Promise<void> {
  const at = "'2026-01-01 00:00:00.000'";
  await dataSource.query(
    `INSERT INTO response_rules (account_id, name, enabled, priority, trigger_type, response_template, cooldown_seconds, created_at, updated_at)
     VALUES (?, 'r', 1, 1, 'any', 'x', 0, ${at}, ${at})`, [accountId],
  );
  await dataSource.query(
    `INSERT INTO outbox_messages (account_id, conversation_id, message_id, source, status, attempts, next_attempt_at, lookups, request, created_at)
     VALUES (?, 'c', 'm', 'rule', 'queued', 0, ${at}, 0, '{}', ${at})`, [accountId],
  );
  await dataSource.query(
    `INSERT INTO webhook_events (account_id, dedupe_key, kind, status, attempts, occurred_at, received_at, payload)
     VALUES (?, 'k', 'message', 'processed', 1, ${at}, ${at}, '{}')`, [accountId],
  );
}

async function numbered(dataSource: DataSource, accountId: string): Promise<number[]> {
  const ids: number[] = [];
  for (const table of NUMBERED) {
    const rows: { id: number | string }[] = await dataSource.query(`SELECT MAX(id) AS id FROM ${table} WHERE account_id = ?`, [accountId]);
    ids.push(Number(rows[0]?.id));
  }
  return ids;
}

function expectedCollation(id: string, type: string): string {
  if (type === 'longtext' || FOREIGN.has(id)) return 'utf8mb4_bin';
  return READABLE.has(id) ? 'utf8mb4_unicode_ci' : 'ascii_bin';
}

async function drift(dataSource: DataSource): Promise<string[]> {
  const log = await dataSource.driver.createSchemaBuilder().log();
  return log.upQueries.map((query) => query.query);
}

async function tables(dataSource: DataSource, kind: DatabaseKind): Promise<string[]> {
  const rows: { name: string }[] = await dataSource.query(
    kind === 'sqlite'
      ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
      : 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  return rows.map((row) => row.name);
}
