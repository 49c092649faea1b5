import { describe, expect, it } from '@jest/globals';
import { InstanceSigns, SILENT_AFTER_MS } from './instance-signs.js';

const EVERY = 1_000;

/** Rounds of a watcher; `beats` says what the other has counted to by then. */
function watch(signs: InstanceSigns, from: number, to: number, beats: (at: number) => number | null): string[] {
  const news: string[] = [];
  for (let at = from; at <= to; at += EVERY) {
    const count = beats(at);
    news.push(...signs.note([{ id: 'me', beats: at }, ...(count === null ? [] : [{ id: 'other', beats: count }])], at));
  }
  return news;
}

describe('InstanceSigns', () => {
  it('takes nobody for dead who counts on, and never itself', () => {
    const signs = new InstanceSigns('me');
    expect(watch(signs, 0, 60_000, (at) => at)).toEqual([]);
    expect(signs.alive(60_000)).toEqual(['other']);
    expect(signs.silent(60_000)).toEqual([]);
  });

  it('finds one that stopped counting after five seconds, says so once, and no longer counts it among the living', () => {
    const signs = new InstanceSigns('me');
    watch(signs, 0, 10_000, (at) => at);
    expect(watch(signs, 11_000, 10_000 + SILENT_AFTER_MS - EVERY, () => 10_000)).toEqual([]);
    expect(watch(signs, 10_000 + SILENT_AFTER_MS, 20_000, () => 10_000)).toEqual(['other']);
    expect(signs.silent(20_000)).toEqual(['other']);
    expect(signs.alive(20_000)).toEqual([]);
  });

  it('finds one that died before this one started', () => {
    const signs = new InstanceSigns('me');
    expect(watch(signs, 0, SILENT_AFTER_MS, () => 7)).toEqual(['other']);
  });

  it('believes one that counts again', () => {
    const signs = new InstanceSigns('me');
    watch(signs, 0, 10_000, () => 1);
    expect(signs.silent(10_000)).toEqual(['other']);
    watch(signs, 11_000, 11_000, () => 2);
    expect(signs.silent(11_000)).toEqual([]);
    expect(signs.alive(11_000)).toEqual(['other']);
  });

  it('takes nobody for dead because it could not look itself: the database was away from all of them', () => {
    const signs = new InstanceSigns('me');
    watch(signs, 0, 10_000, (at) => at);
    // A minute later nobody has counted: nobody could.
    expect(signs.silent(70_000)).toEqual([]);
    expect(watch(signs, 70_000, 70_000 + SILENT_AFTER_MS - EVERY, () => 10_000)).toEqual([]);
    expect(watch(signs, 70_000 + SILENT_AFTER_MS, 80_000, () => 10_000)).toEqual(['other']);
  });

  it('forgets one that has left', () => {
    const signs = new InstanceSigns('me');
    watch(signs, 0, 2_000, (at) => at);
    watch(signs, 3_000, 3_000, () => null);
    expect(signs.alive(3_000)).toEqual([]);
  });
});
