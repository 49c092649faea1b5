import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { equalInConstantTime, randomToken, sha256 } from './hashes.js';

describe('sha256', () => {
  it('differs whenever the parts differ, broken surrogates included', () => {
    const parts = fc.array(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(sha256(...a) === sha256(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('keeps apart what only the border between parts tells apart', () => {
    expect(new Set([sha256('ab', 'c'), sha256('a', 'bc'), sha256('abc'), sha256('abc', '')]).size).toBe(4);
    expect(sha256('mid')).not.toBe(sha256('MID'));
    expect(sha256('mid')).not.toBe(sha256('mid '));
    expect(sha256('x')).toMatch(/^[\w-]{43}$/);
  });
});

describe('equalInConstantTime', () => {
  it('compares texts of any length', () => {
    expect(equalInConstantTime('same', 'same')).toBe(true);
    expect(equalInConstantTime('same', 'Same')).toBe(false);
    expect(equalInConstantTime('', 'longer')).toBe(false);
  });
});

describe('randomToken', () => {
  it('does not repeat', () => {
    expect(new Set(Array.from({ length: 100 }, () => randomToken(32))).size).toBe(100);
    expect(randomToken(32)).toHaveLength(43);
  });
});
