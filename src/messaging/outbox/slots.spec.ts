import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('gives one account many, but never the last quarter', () => {
    const slots = new Slots(100);
    expect(slots.take('a', 1000)).toBe(75);
    expect(slots.take('a', 1)).toBe(0);
  });

  it('has some for a new account while many others hold on to theirs', () => {
    const slots = new Slots(512);
    for (let account = 0; account < 40; account++) expect(slots.take(`hanging ${String(account)}`, 32)).toBeGreaterThan(0);
    expect(slots.take('new', 32)).toBe(4);
  });

  it('wakes who waits when some are given back', async () => {
    const slots = new Slots(4);
    expect(slots.take('a', 4)).toBe(4);
    expect(slots.take('b', 4)).toBe(0);
    const woken = slots.givenBack();
    slots.give('a', 2);
    await woken;
    expect(slots.take('b', 4)).toBe(2);
  });
});
