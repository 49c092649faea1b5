import { describe, expect, it, jest } from '@jest/globals';
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

  it('breaks a character that alone is too long between its code points', () => {
    const accents = `e${'\u0301'.repeat(70)}`;
    expect(splitReply(`ab ${accents}`, 61)).toEqual(['ab', `e${'\u0301'.repeat(30)}`, '\u0301'.repeat(30), '\u0301'.repeat(10)]);
  });

  it('knows where a character ends, although it looks no further than a part', () => {
    const text = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.constantFrom(' ', '\r\n', FAMILY, '🇵🇹', 'é', 'क्षि', '각')), { maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 30, max: 80 }), (pieces, limit) => {
        const whole = pieces.join('');
        const ends = new Set([...new Intl.Segmenter('und').segment(whole)].map(({ index, segment }) => index + segment.length));
        let at = 0;
        for (const part of splitReply(whole, limit)) {
          at = whole.indexOf(part, at) + part.length;
          expect(ends.has(at)).toBe(true);
        }
      }),
    );
  });

  it.each([
    ['emoji', '😀'.repeat(40_000)],
    ['letters', 'я'.repeat(40_000)],
    ['words', 'word '.repeat(20_000)],
    ['accents', `e${'\u0301'.repeat(40_000)}`],
  ])('looks at no more than a part at once, since the segmenter copies all of it for every character: %s', (_, text) => {
    const segment = jest.spyOn(Intl.Segmenter.prototype, 'segment');
    try {
      expect(splitReply(text).length).toBeGreaterThan(70);
      expect(segment.mock.calls.length).toBeGreaterThan(70);
      for (const [input] of segment.mock.calls) expect(input.length).toBeLessThanOrEqual(1002);
    } finally {
      segment.mockRestore();
    }
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
