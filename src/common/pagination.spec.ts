import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { decodeCursor, encodeCursor, PageQuery } from './pagination.js';

describe('a cursor', () => {
  it('gives back the key it was made of', () => {
    expect(decodeCursor(encodeCursor([1_764_000_000_000, '17841400000000001:5']), ['number', 'string'])).toEqual([1_764_000_000_000, '17841400000000001:5']);
    expect(decodeCursor(encodeCursor([-1, 'x']), ['number', 'string'])).toEqual([-1, 'x']);
    expect(decodeCursor(undefined, ['number'])).toBeUndefined();
  });

  it('that was made up is refused: a database may fail on what no key of ours can hold', () => {
    const made = (json: string) => Buffer.from(json).toString('base64url');
    for (const json of ['[1e999,"x"]', '[1e300,"x"]', '[253402300800000,"x"]', '[-2,"x"]', '[1.5,"x"]', '[1,"😀"]', '[1,"\\ud800"]', '[1,"a "]', '[1,""]', '["1","x"]', '[1]', '{}', 'null', '[[1],"x"]']) {
      expect(() => decodeCursor(made(json), ['number', 'string'])).toThrow('cursor');
    }
    expect(() => decodeCursor('nonsense', ['number'])).toThrow('cursor');
  });
});

describe('?limit=', () => {
  const problems = (limit: unknown) => validateSync(plainToInstance(PageQuery, { limit })).length;

  it('is a plain number from 1 to 200', () => {
    for (const good of ['1', '50', '200']) expect(`${good}: ${String(problems(good))}`).toBe(`${good}: 0`);
    for (const bad of ['0', '201', '', ' 10', '1e1', '0x10', '1.0', '-1', 'many', ['1', '2']]) expect(problems(bad)).toBe(1);
  });
});
