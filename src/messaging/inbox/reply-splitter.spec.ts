import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitReply } from './reply-splitter.js';

const FAMILY = '👨‍👩‍👧‍👦'; // 25 bytes, one character to the reader

describe('splitReply', () => {
  it('leaves what fits alone', () => {
    expect(splitReply('  hello\nthere ')).toEqual(['hello\nthere']);
    expect(splitReply('é'.repeat(500))).toHaveLength(1);
    expect(splitReply('é'.repeat(501))).toHaveLength(2);
    expect(splitReply(' \n')).toEqual([]);
  });

  it('breaks at white space', () => {
    expect(splitReply('one two  three four', 8)).toEqual(['one two', 'three', 'four']);
    expect(splitReply('12345678 abc', 8)).toEqual(['12345678', 'abc']);
    expect(splitReply('a 1234567890', 8)).toEqual(['a', '12345678', '90']);
  });

  it('never breaks a character', () => {
    expect(splitReply(FAMILY.repeat(3), 60)).toEqual([FAMILY.repeat(2), FAMILY]);
  });

  it('loses nothing but white space, and keeps every part within the limit', () => {
    const text = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', '\n', FAMILY, 'word ', 'é'))).map((p) => p.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 30, max: 80 }), (whole, limit) => {
        const parts = splitReply(whole, limit);
        const bare = (value: string) => value.replace(/\s/gu, '');
        expect(bare(parts.join(''))).toBe(bare(whole));
        for (const part of parts) {
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(limit);
          expect(part).toBe(part.trim());
          expect(part).not.toBe('');
        }
      }),
    );
  });
});
