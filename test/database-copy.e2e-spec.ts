import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { Dialect, migrate, openDataSource, SQLITE_FILE } from '../src/database/index.js';
import { deliveryOf, entryOf, newIgsid, newMid, reactionEvent, type Posted } from '../src/local-meta/index.js';
import { MOVING_ENTITIES, SCHEMA } from '../src/schema.js';
import { runCommand, type Ran } from './support/command-line.js';
import { eachServer } from './support/databases.js';
import { eventually, RunningService } from './support/running-service.js';
import { Stage, type MessageView, type TestAccount } from './support/stage.js';

// Each command is a process; some tests run several.
jest.setTimeout(180_000);

/** More than two pieces. */
const AUDIT_ENTRIES = 3_200;
/** Larger than a piece, and with all that a driver has to escape. */
const LARGE_PAYLOAD = JSON.stringify({ text: '😀"\\\0'.repeat(400_000) });
/** With a blank that would be lost, and a NUL where others end a text. */
const ODD_TEXT = 'Olá 😀\u0000 e depois ';
const LONG_TEXT = 'ç'.repeat(30_000);

/** From the embedded database to a server's: what the service knew it knows, and what it did it does not do again. */
eachServer((database) => {
  const folder = join(database.env.DATA_DIR ?? '', 'embedded');
  const file = join(folder, SQLITE_FILE);
  const moved = `${file}.moved`;
  let stage: Stage;
  let target: DataSource;
  /** Of the file: the content of its secret.key. */
  let key: string;
  let shop: TestAccount;
  const people = { asked: newIgsid(), leaving: newIgsid(), unreached: newIgsid(), waiting: newIgsid() };
  let asked: Posted;
  let apiKey: string;
  let deletedRule: number;
  let failedMessage: MessageView;

  beforeAll(async () => {
    stage = await Stage.open({ DATA_DIR: folder, APP_SECRET_KEY: '', LOG_LEVEL: 'warn' });
    key = readFileSync(join(folder, 'secret.key'), 'utf8').trim();
    shop = await stage.addAccount({ settings: { optOutWords: ['sair'] } });
    const other = await stage.addAccount({ status: 'inactive' });
    await stage.addRule(shop, { responseTemplate: 'Até já 😀', cooldownSeconds: 1 });
    await stage.addRule(other, { triggerType: 'exact', triggerValue: 'preço', responseTemplate: '{{ text }}' });
    deletedRule = await stage.addRule(shop, { responseTemplate: 'gone' });
    expect((await stage.service.api('DELETE', `/accounts/${shop.id}/rules/${String(deletedRule)}`)).status).toBe(204);
    const made = await stage.service.api<{ key: string }>('POST', '/api-keys', { name: 'relatórios 😀', role: 'viewer', accountIds: [shop.id] });
    apiKey = made.body.key;

    asked = (await stage.write(shop, ODD_TEXT, { person: people.asked, mid: `${newMid()} ` })).posted;
    await stage.write(shop, 'Sair', { person: people.leaving });
    stage.meta.failNext({ accountId: shop.id, recipientId: people.unreached, code: 100 });
    await stage.write(shop, LONG_TEXT, { person: people.unreached });
    await stage.write(other, 'preço', { person: newIgsid() });
    await stage.quiet(shop);
    await stage.meta.deliver(shop.id, deliveryOf(entryOf(shop.id, [reactionEvent({ accountId: shop.id, person: people.asked }, newMid(), '❤️')])));
    await stage.meta.deliver(shop.id, deliveryOf(entryOf('999', [reactionEvent({ accountId: '999', person: people.asked }, newMid(), '❤️')])));
    const sent = await stage.service.api('POST', `/accounts/${shop.id}/messages`, { recipientId: people.asked, text: 'by hand' }, { 'idempotency-key': 'order-1' });
    expect(sent.status).toBe(202);
    await stage.quiet(shop);
    failedMessage = (await stage.messages(shop, people.unreached)).find(({ direction }) => direction === 'outbound')!;
    expect(failedMessage.status).toBe('failed');
    target = (await openDataSource(database.settings(), SCHEMA)).dataSource;
  });

  afterAll(async () => {
    await target.destroy();
    await stage.close();
  });

  const environment = (): Record<string, string> => ({ ...database.env, APP_SECRET_KEY: key, GRAPH_API_BASE_URL: stage.meta.graphUrl });
  const copyFrom = (path: string, more: Record<string, string> = {}): Promise<Ran> => runCommand(['database', 'copy-from', path], { ...environment(), ...more });
  const openFile = (path = file) => new Database(path);

  /** Exit 1, one line that says all of this (behind those of the progress), and the file as it was. */
  async function refused(path: string, words: readonly string[], more: Record<string, string> = {}): Promise<void> {
    const before = existsSync(path) ? readFileSync(path) : null;
    const ran = await copyFrom(path, more);
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^(\d+ of \d+ rows\n)*error: [^\n]+\n$/) });
    for (const word of words) expect(ran.stderr).toContain(word);
    if (before) expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}.moved`)).toBe(false);
  }

  /** A copy of the file with one thing changed. */
  function variant(name: string, change: (db: Database.Database) => void): string {
    const path = join(folder, `${name}.sqlite`);
    copyFileSync(existsSync(file) ? file : moved, path);
    const db = openFile(path);
    try {
      change(db);
    } finally {
      db.close();
    }
    return path;
  }

  const tables = () => MOVING_ENTITIES.map((entity) => target.getMetadata(entity));

  /** Where it has tables yet. */
  async function rowsInTarget(): Promise<number> {
    if ((await target.query<unknown[]>("SHOW TABLES LIKE 'api_keys'")).length === 0) return 0;
    const counts = await Promise.all(tables().map(({ tableName }) => target.query<{ n: number }[]>(`SELECT COUNT(*) AS n FROM ${tableName}`)));
    return counts.reduce((sum, [row]) => sum + Number(row?.n), 0);
  }

  /** As the refusals say. */
  async function createAgain(): Promise<void> {
    const connection = await createConnection({ uri: database.env.MYSQL_URL! });
    const name = new URL(database.env.MYSQL_URL!).pathname.slice(1);
    await connection.query(`DROP DATABASE ${name}`);
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await connection.end();
    await target.destroy();
    target = (await openDataSource(database.settings(), SCHEMA)).dataSource;
  }

  it('does not touch the file of a service that runs, however idle', async () => {
    expect(await copyFrom(file)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]+ is open in another process: stop the service[^\n]+\n$/) });
    expect((await stage.service.api('GET', '/accounts')).status).toBe(200);
    expect(await stage.service.stop()).toBe(0);
  });

  it('queues a message that no service sends yet', async () => {
    // From the command line, on the file: nobody is there to send it.
    const queued = await runCommand(
      ['send', '--account', shop.id, '--to', people.asked, '--text', 'só uma vez', '--wait', '0'],
      { DATA_DIR: folder, LOG_LEVEL: 'silent', GRAPH_API_BASE_URL: stage.meta.graphUrl },
    );
    expect(queued).toMatchObject({ code: 0, stdout: expect.stringContaining('is queued') });
    const db = openFile();
    const at = '2026-01-02 03:04:05.678';
    const entry = db.prepare("INSERT INTO audit_log (at, actor, action, target, changes) VALUES (?, 'tests', 'rule.create', ?, '{}')");
    db.transaction(() => {
      for (let i = 0; i < AUDIT_ENTRIES; i++) entry.run(at, String(i));
    })();
    db.prepare("INSERT INTO unrouted_events (dedupe_key, kind, reason, occurred_at, received_at, payload) VALUES ('large', 'message', '', ?, ?, ?)").run(at, at, LARGE_PAYLOAD);
    db.exec("DELETE FROM audit_log WHERE id = (SELECT MAX(id) FROM audit_log)");
    // Or what is compared below would prove nothing.
    for (const { tableName } of tables()) expect([tableName, db.prepare(`SELECT COUNT(*) FROM ${tableName}`).pluck().get()]).not.toEqual([tableName, 0]);
    db.close();
  });

  it('refuses in one line, with the cure, and changes nothing', async () => {
    const text = join(folder, 'text.sqlite');
    writeFileSync(text, 'no database at all '.repeat(100));
    const older = variant('older', (db) => db.exec('DELETE FROM migrations WHERE id = (SELECT MAX(id) FROM migrations)'));
    const newer = variant('newer', (db) => db.exec("INSERT INTO migrations (timestamp, name) VALUES (9, 'OfTomorrow9')"));
    await refused(file, ['MYSQL_URL'], { MYSQL_URL: '' });
    await refused(join(folder, 'none.sqlite'), ['There is no file']);
    await refused(text, ['is not an SQLite database']);
    await refused(file, ['APP_SECRET_KEY does not open', 'secret.key'], { APP_SECRET_KEY: 'another passphrase' });
    await refused(older, ['older version', 'AddActiveSince', 'start this version on it once']);
    await refused(newer, ['newer version', 'OfTomorrow9']);
    // By a clock that is ahead: commands take their time to start on a busy machine.
    const seenAt = new Dialect('sqlite').time(new Date(Date.now() + 8_000));
    await refused(variant('killed', (db) => db.prepare("INSERT INTO service_instances (id, beats, seen_at) VALUES ('x', 1, ?)").run(seenAt)), ['until just now: stop it', ' s.']);
    expect(await rowsInTarget()).toBe(0);
  });

  it('names the row that the server refuses, and stores none of its values as another', async () => {
    const cases: [string, (db: Database.Database) => void, string[]][] = [
      ['long', (db) => db.prepare('UPDATE response_rules SET name = ? WHERE id = 1').run('ç'.repeat(300)), ['row 1 of response_rules (id 1)', "'name'"]],
      ['fraction', (db) => db.exec('UPDATE messages SET position = 1.5 WHERE rowid = 2'), ['row 2 of messages (account_id', 'position']],
      ['no-time', (db) => db.exec("UPDATE audit_log SET at = 'yesterday' WHERE id = 3000"), ['row 3000 of audit_log (id 3000)', 'at is not a time']],
      // Different here, and the same to a server, which passes over blanks at the end.
      ['collision', (db) => db.exec("INSERT INTO api_keys SELECT id || ' ', name, role, account_ids, 'x', key_prefix, created_at FROM api_keys"), ['of api_keys (id ', 'Duplicate']],
    ];
    for (const [name, change, words] of cases) {
      await refused(variant(name, change), [...words, 'DROP DATABASE']);
      await createAgain();
    }
  });

  it('takes no database in which there is something, such as a copy that was broken off', async () => {
    const broken = variant('broken-off', (db) => db.exec("UPDATE outbox_messages SET created_at = 'never'"));
    await refused(broken, ['of outbox_messages (id ', 'created_at is not a time']);
    const rows = await rowsInTarget();
    expect(rows).toBeGreaterThan(AUDIT_ENTRIES);
    await refused(file, ['is not empty', 'drop it and create it again']);
    expect(await rowsInTarget()).toBe(rows);
    await createAgain();
  });

  it('takes no database on which a service counts on', async () => {
    await migrate(target, database.name === 'MariaDB' ? 'mariadb' : 'mysql');
    await target.query("INSERT INTO service_instances (id, beats, seen_at) VALUES ('alive', 1, '2026-01-01 00:00:00')");
    const beat = setInterval(() => void target.query('UPDATE service_instances SET beats = beats + 1'), 500);
    try {
      await refused(file, ['A service runs on the database to copy into: stop it']);
    } finally {
      clearInterval(beat);
    }
    // One that was killed has stopped counting, and is in nobody's way.
    expect(await rowsInTarget()).toBe(0);
  });

  it('copies every row of every table, and puts the file away', async () => {
    const before = openFile();
    const ids = before.prepare('SELECT name, seq FROM sqlite_sequence').raw(true).all() as [string, number][];
    before.close();
    const ran = await copyFrom(file);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Copied \d+ rows into [^\n]*\.moved now: never start a service on it[^\n]*\n$/) });
    expect(readdirSync(folder).filter((name) => name.startsWith(SQLITE_FILE) && !name.endsWith('.lock'))).toEqual([`${SQLITE_FILE}.moved`]);
    const source = openFile(moved);
    const dialect = new Dialect('mysql');
    for (const { tableName, columns } of tables()) {
      const names = columns.map(({ databaseName }) => databaseName);
      const isTime = columns.map(({ type }) => type === 'datetime');
      const comparable = (rows: readonly Record<string, unknown>[]) =>
        rows.map((row) => JSON.stringify(names.map((name, i) => (isTime[i] ? dialect.readTime(row[name])?.toISOString() : row[name])))).sort();
      const sql = `SELECT ${names.join(', ')} FROM ${tableName}`;
      const [there, here] = [source.prepare(sql).all() as Record<string, unknown>[], await target.query<Record<string, unknown>[]>(sql)];
      // By hand: the difference of two long lists would be worked out for minutes.
      expect([tableName, here.length]).toEqual([tableName, there.length]);
      const [expected, found] = [comparable(there), comparable(here)];
      expect(found.filter((row, i) => row !== expected[i]).map((row) => `${tableName}: ${row.slice(0, 1000)}`)).toEqual([]);
      expect(Number(/^Copied (\d+)/.exec(ran.stdout)?.[1])).toBeGreaterThan(AUDIT_ENTRIES);
    }
    source.close();
    for (const [table, last] of ids.filter(([name]) => name !== 'migrations')) {
      const [made] = await target.query<Record<string, string>[]>(`SHOW CREATE TABLE ${table}`);
      expect([table, /AUTO_INCREMENT=(\d+)/.exec(made!['Create Table']!)?.[1]]).toEqual([table, String(last + 1)]);
    }
  });

  it('goes on there as if nothing had happened', async () => {
    const { meta } = stage;
    const sends = meta.accepted.length;
    const environmentOfService = { ...environment(), LOG_LEVEL: 'warn' };
    stage = Stage.of(meta, await RunningService.start(environmentOfService, stage.service.port), environmentOfService);
    // What waited goes out.
    await eventually('the queued message', async () => meta.accepted.length, (count) => count > sends);
    await stage.quiet(shop);
    expect(stage.sentTo(people.asked).filter((text) => text === 'só uma vez')).toHaveLength(1);
    // What came before is known, and who opted out is left alone.
    expect((await meta.redeliver(asked)).status).toBe(200);
    await stage.write(shop, 'Olá?', { person: people.leaving });
    await stage.quiet(shop);
    expect(meta.accepted).toHaveLength(sends + 1);
    expect((await stage.conversation(shop, people.leaving)).body.automation).toMatchObject({ paused: true, reason: 'opted_out' });
    expect((await stage.messages(shop, people.asked)).find(({ direction }) => direction === 'inbound')).toMatchObject({ text: ODD_TEXT });
    const again = await stage.service.api('POST', `/accounts/${shop.id}/messages`, { recipientId: people.asked, text: 'by hand' }, { 'idempotency-key': 'order-1' });
    expect(again.body).toMatchObject({ status: 'sent' });
    // Keys, ids, credentials.
    const headers = { authorization: `Bearer ${apiKey}` };
    expect((await stage.service.api('GET', `/accounts/${shop.id}`, undefined, headers)).status).toBe(200);
    expect((await stage.service.api('GET', '/audit', undefined, headers)).status).toBe(403);
    expect(await stage.addRule(shop, { triggerType: 'exact', triggerValue: 'novo', responseTemplate: 'novo' })).toBe(deletedRule + 1);
    const retried = await stage.service.api('POST', `/accounts/${shop.id}/messages/${failedMessage.id}/retry`);
    expect(retried.status).toBe(202);
    await stage.write(shop, 'e agora?', { person: people.waiting });
    await stage.replies(shop, people.waiting, 1);
    await stage.quiet(shop);
    expect(stage.sentTo(people.unreached)).toEqual(['Até já 😀']);
    expect(stage.sentTo(people.asked)).toEqual(['Até já 😀', 'by hand', 'só uma vez']);
  });
});
