import { describe, expect, it } from '@jest/globals';
import { newIgsid, newMid, sameMidInOtherCase } from './mids.js';

describe('ids', () => {
  it('makes mids of 164 characters that differ', () => {
    const mids = Array.from({ length: 200 }, newMid);
    expect(new Set(mids).size).toBe(200);
    expect(mids.every((mid) => /^[\w-]{164}$/.test(mid))).toBe(true);
  });

  it('changes the case of one letter', () => {
    const mid = newMid();
    const other = sameMidInOtherCase(mid);
    expect(other).not.toBe(mid);
    expect(other.toLowerCase()).toBe(mid.toLowerCase());
    expect(sameMidInOtherCase('abC-9_')).toBe('abc-9_');
  });

  it('makes people who differ', () => {
    expect(new Set(Array.from({ length: 100 }, newIgsid)).size).toBe(100);
    expect(newIgsid()).toMatch(/^\d{16}$/);
  });
});
