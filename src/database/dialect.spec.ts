import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { Dialect } from './dialect.js';

/** As TypeORM hands it on. */
function failed(error: Error): QueryFailedError {
  return new QueryFailedError('SELECT 1', [], error);
}

describe('Dialect', () => {
  it.each([
    ['a connection that ended before', Object.assign(new Error("Can't add new command when connection is in closed state"), { fatal: true }), true],
    ['no route', Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH', fatal: true }), true],
    ['a deadlock', Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK', fatal: false }), false],
    ['a mistake', new TypeError('x is not a function'), false],
  ])('knows whether the database is away: %s', (_, error, away) => {
    const dialect = new Dialect('mysql');
    expect([dialect.isUnavailable(error), dialect.isUnavailable(failed(error))]).toEqual([away, away]);
  });
});
