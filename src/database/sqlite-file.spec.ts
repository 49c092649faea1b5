import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteFile } from './sqlite-file.js';

describe('SqliteFile', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'direct-file-'));
    path = join(folder, 'a.sqlite');
    const db = asTheService(path);
    db.exec(`
      CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT);
      CREATE TABLE instagram_business_accounts (id TEXT PRIMARY KEY);
      CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, text TEXT);
      CREATE TABLE unused (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL);
      INSERT INTO migrations (name) VALUES ('First'), ('Second');
      INSERT INTO numbered (text) VALUES ('a'), ('b'), (NULL), ('gone');
      DELETE FROM numbered WHERE text = 'gone';`);
    db.prepare('UPDATE numbered SET text = ? WHERE id = 1').run('a\0ç😀');
    db.close();
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads everything, row by row', () => {
    const file = SqliteFile.open(path);
    expect(file.migrations).toEqual(['First', 'Second']);
    expect([...file.rows('numbered', ['text', 'id'])]).toEqual([[1, 'a\0ç😀', 1], [2, 'b', 2], [3, null, 3]]);
    expect([file.count('numbered'), file.count('unused'), file.lastId('numbered'), file.lastId('unused')]).toEqual([3, 0, 4, null]);
    file.close();
  });

  it('is not opened while anybody else has it open, and nobody opens it meanwhile', () => {
    const service = asTheService(path);
    service.exec('SELECT * FROM numbered'); // and idle from now on
    expect(() => SqliteFile.open(path)).toThrow(/a\.sqlite is open in another process: stop the service/);
    service.exec("INSERT INTO numbered (text) VALUES ('it goes on')");
    service.close();
    const file = SqliteFile.open(path);
    expect(() => asTheService(path)).toThrow('database is locked');
    file.close();
    asTheService(path).close();
  });

  it('goes under another name whole, and nothing is left under its own', () => {
    const file = SqliteFile.open(path);
    expect(() => asTheService(path)).toThrow('database is locked');
    file.moveAway();
    expect(readdirSync(folder)).toEqual(['a.sqlite.moved']);
    const moved = new Database(join(folder, 'a.sqlite.moved'), { readonly: true });
    expect(moved.prepare('SELECT COUNT(*) FROM numbered').pluck().get()).toBe(3);
    moved.close();
  });

  it('takes along what a killed service has left in the -wal file', () => {
    const service = asTheService(path);
    service.exec("INSERT INTO numbered (text) VALUES ('late')");
    for (const ending of ['', '-wal', '-shm']) writeFileSync(join(folder, `killed.sqlite${ending}`), readFileSync(`${path}${ending}`));
    service.close();
    const file = SqliteFile.open(join(folder, 'killed.sqlite'));
    expect([...file.rows('numbered', ['text'])].at(-1)).toEqual([5, 'late']);
    file.moveAway();
    expect(readdirSync(folder).sort()).toEqual(['a.sqlite', 'killed.sqlite.moved']);
    const moved = new Database(join(folder, 'killed.sqlite.moved'), { readonly: true });
    expect(moved.prepare('SELECT MAX(id) FROM numbered').pluck().get()).toBe(5);
    moved.close();
  });

  it('says what it is not', () => {
    const made = (name: string, content: string | null): string => {
      const file = join(folder, name);
      if (content === null) mkdirSync(file);
      else writeFileSync(file, content);
      return file;
    };
    const refusals: [string, string][] = [
      [join(folder, 'none.sqlite'), 'There is no file '],
      [made('folder', null), 'There is no file '],
      [made('text.sqlite', 'not a database, though long enough to have a header of a hundred bytes. '.repeat(9)), 'is not an SQLite database'],
      [made('empty.sqlite', ''), 'is not a database of this service'],
    ];
    for (const [file, message] of refusals) expect(() => SqliteFile.open(file)).toThrow(message);
    made('a.sqlite.moved', '');
    expect(() => SqliteFile.open(path)).toThrow('There is a file ');
  });
});

function asTheService(path: string): Database.Database {
  const db = new Database(path, { timeout: 20 });
  try {
    db.pragma('journal_mode = WAL');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
