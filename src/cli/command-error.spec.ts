import { describe, expect, it } from '@jest/globals';
import { AppError } from '../common/errors.js';
import { InvalidEnvironmentError } from '../config/index.js';
import { oneLine } from './command-error.js';

describe('oneLine', () => {
  it('makes one line of everything', () => {
    expect(oneLine(new Error('a\n   b\nc'))).toBe('a b c');
    expect(oneLine(new InvalidEnvironmentError(['PORT: bad', 'HOST: bad']))).toBe(
      'The environment is not valid: PORT: bad; HOST: bad',
    );
    expect(oneLine(new AppError('invalid', 'x', '', ['name: too long', 'role: unknown']))).toBe(
      'name: too long; role: unknown',
    );
    expect(oneLine(new AggregateError([Object.assign(new Error(''), { code: 'ECONNREFUSED' })]))).toBe('ECONNREFUSED');
    expect(oneLine('text')).toBe('text');
  });
});
