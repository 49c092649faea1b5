import { describe, expect, it } from '@jest/globals';
import { copiedValue, nameOfRow, type CopiedColumn } from './copied-table.js';
import { piecesOf, versionRefusal } from './database-copy.js';
import { Dialect } from './dialect.js';

const column = (name: string, more: Partial<CopiedColumn> = {}): CopiedColumn => ({ name, isTime: false, isKey: false, ...more });

describe('copying a database', () => {
  it('takes pieces by number and by size', () => {
    const row = (text: string) => ({ name: '', values: [1, text] });
    const sizes = (rows: readonly { name: string; values: readonly (string | number)[] }[]) => [...piecesOf(rows)].map((piece) => piece.length);
    expect(sizes([])).toEqual([]);
    expect(sizes(Array.from({ length: 3_001 }, () => row('x')))).toEqual([1_500, 1_500, 1]);
    const mib = 1024 * 1024;
    expect(sizes([1, 2, 9, 3, 1, 1].map((size) => row('x'.repeat(size * mib))))).toEqual([3, 2, 1]);
  });

  it('copies a value as it is, or not at all', () => {
    const dialect = new Dialect('mysql');
    const copied = (value: unknown, isTime = false) => copiedValue(value, column('c', { isTime }), dialect);
    for (const value of [null, '', 'a\0ç😀 ', 0, -7, 2 ** 53 - 1]) expect(copied(value)).toBe(value);
    for (const value of [1.5, 2 ** 53, Buffer.from('x')]) expect(() => copied(value)).toThrow('c is neither text nor a whole number');
    expect(copied('2026-01-02 03:04:05.678', true)).toBe('2026-01-02 03:04:05.678');
    expect(copied('2026-01-02 03:04:05', true)).toBe('2026-01-02 03:04:05.000');
    expect(copied(null, true)).toBeNull();
    for (const value of ['soon', '', 7, '2026-02-31 00:00:00.000', '2026-01-02 03:04:05.678901']) expect(() => copied(value, true)).toThrow('c is not a time');
  });

  it('names a row so that it can be found', () => {
    const columns = [column('account_id', { isKey: true }), column('text'), column('id', { isKey: true })];
    expect(nameOfRow({ name: 'messages', columns, isNumbered: false }, [12, '178', 'secret', 'abc'])).toBe('row 12 of messages (account_id 178, id abc)');
  });

  it('says which version is wanted', () => {
    expect(versionRefusal(['a', 'b'], ['a', 'b'])).toBeNull();
    expect(versionRefusal(['a'], ['a', 'b'])).toMatch(/older version \(it lacks b\).*start this version on it once/);
    expect(versionRefusal(['a', 'b', 'c'], ['a', 'b'])).toMatch(/newer version \(it has c\)/);
  });
});
