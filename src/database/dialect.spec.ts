import { describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueryFailedError } from 'typeorm';
import { Dialect } from './dialect.js';

/** As TypeORM hands it on. */
function failed(error: Error): QueryFailedError {
  return new QueryFailedError('SELECT 1', [], error);
}

describe('Dialect', () => {
  it.each([
    ['a connection that ended before', Object.assign(new Error("Can't add new command when connection is in closed state"), { fatal: true }), true],
    ['one that was destroyed', Object.assign(new Error('Cannot call write after a stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' }), true],
    ['no route', Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH', fatal: true }), true],
    ['a deadlock', Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK', fatal: false }), false],
    ['a mistake', new TypeError('x is not a function'), false],
  ])('knows whether the database is away: %s', (_, error, away) => {
    const dialect = new Dialect('mysql');
    expect([dialect.isUnavailable(error), dialect.isUnavailable(failed(error))]).toEqual([away, away]);
  });

  it.each([
    'SQLITE_IOERR', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_SHMMAP', 'SQLITE_READONLY', 'SQLITE_READONLY_DIRECTORY',
    'SQLITE_READONLY_DBMOVED', 'SQLITE_FULL', 'SQLITE_CANTOPEN',
  ])('takes %s for trouble of the disk, which nothing that was written has caused', (code) => {
    const dialect = new Dialect('sqlite');
    const error = Object.assign(new Error('disk I/O error'), { code });
    for (const thrown of [error, failed(error)]) {
      expect([dialect.isUnavailable(thrown), dialect.isPassing(thrown), dialect.isTransient(thrown)]).toEqual([true, true, false]);
    }
  });

  it.each([
    'SQLITE_ERROR', 'SQLITE_TOOBIG', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_CANTOPEN_ISDIR', 'SQLITE_IOERROR',
  ])('does not take %s for passing trouble', (code) => {
    expect(new Dialect('sqlite').isPassing(failed(Object.assign(new Error('x'), { code })))).toBe(false);
  });

  it('writes a time out as UTC with milliseconds, and reads it back, however many there were before', () => {
    for (const kind of ['sqlite', 'mysql', 'mariadb'] as const) {
      const dialect = new Dialect(kind);
      const times = Array.from({ length: 1_000 }, (_, nth) => new Date(1_767_225_600_000 + nth * 86_399_999));
      expect(dialect.time(times[1])).toBe('2026-01-01 23:59:59.999');
      for (const time of [...times, ...times.toReversed()]) expect(dialect.readTime(dialect.time(time))).toEqual(time);
      expect([dialect.time(null), dialect.time(undefined)]).toEqual([null, null]);
    }
  });

  it('tries again at once what another process was in the way of', () => {
    const dialect = new Dialect('sqlite');
    const codes = ['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_LOCKED', 'SQLITE_IOERR_LOCK'];
    expect(codes.map((code) => dialect.isTransient(Object.assign(new Error('x'), { code })))).toEqual([true, true, true, false]);
  });

  it('knows what the driver says when its file is gone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-spec-'));
    const file = new Database(join(folder, 'moved.sqlite'));
    file.exec('CREATE TABLE t (a)');
    rmSync(folder, { recursive: true });
    let thrown: unknown;
    try {
      file.exec('INSERT INTO t VALUES (1)');
    } catch (error) {
      thrown = error;
    }
    file.close();
    expect(thrown).toMatchObject({ code: expect.stringMatching(/^SQLITE_READONLY_/) });
    expect(new Dialect('sqlite').isPassing(thrown)).toBe(true);
  });
});
