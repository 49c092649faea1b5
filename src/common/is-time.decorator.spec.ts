import { describe, expect, it } from '@jest/globals';
import { isTime } from './is-time.decorator.js';

describe('a time', () => {
  it.each(['2027-01-31T12:00:00.000Z', '2027-01-31T12:00Z', '2027-01-31T12:00:00+05:30', '2027-01-31', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])('%s is one', (text) => {
    expect(isTime(text)).toBe(true);
  });

  it.each([
    ['no zone', '2027-01-31T12:00:00'], ['a week', '2099-W01-1'], ['no such day', '2027-02-30T12:00:00Z'], ['a year that MySQL does not take', '9999-12-31T23:59:59-23:59'],
    ['before 1970', '1969-12-31T23:59:59Z'], ['a number', 1_764_000_000_000], ['nothing', ''], ['null', null],
  ])('%s is none', (_, value) => {
    expect(isTime(value)).toBe(false);
  });
});
