import { describe, expect, it } from '@jest/globals';
import { cureOf } from './keys.command.js';

describe('keys rotate', () => {
  it('says of each account that does not open what would help', () => {
    expect(cureOf(['1', '2'], [], [])).toMatch(/^The credentials of 1, 2 do not open: add the key .* APP_SECRET_KEY_PREVIOUS and run this again\.$/);
    expect(cureOf(['2'], ['2'], [])).toMatch(/^The credentials of 2 are damaged: PATCH /);
    expect(cureOf(['1', '2', '3'], ['2'], [])).toMatch(/of 1, 3 do not open: .* of 2 are damaged: /);
    expect(cureOf([], [], ['7'])).toMatch(/^The rows of 7 are locked by another session .* run this again\.$/);
    const many = Array.from({ length: 8 }, (_, i) => String(i));
    expect(cureOf(many, many, [])).toContain('0, 1, 2, 3, 4 and 3 more are damaged');
  });
});
