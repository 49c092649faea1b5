import { beforeEach, describe, expect, it } from '@jest/globals';
import { AccountCache } from './account-cache.js';

describe('AccountCache', () => {
  let now: number;
  let cache: AccountCache<string>;

  beforeEach(() => {
    now = 0;
    cache = new AccountCache(1_000, 10, () => now);
  });

  it('names what is asked for and soon due, and not what nobody wants', () => {
    for (const key of ['wanted', 'unwanted']) void cache.set(key, Promise.resolve(key));
    void cache.get('wanted');
    expect(cache.listAging(10)).toEqual([]);
    now = 600;
    void cache.set('young', Promise.resolve('young'));
    void cache.get('young');
    expect(cache.listAging(10)).toEqual(['wanted']);
    expect(cache.listAging(0)).toEqual([]);
  });

  it('forgets what is over and nobody asked for, and gives nothing that is over', () => {
    for (const key of ['wanted', 'unwanted']) void cache.set(key, Promise.resolve(key));
    void cache.get('wanted');
    now = 1_000;
    expect(cache.listAging(10)).toEqual(['wanted']);
    expect([cache.get('wanted'), cache.get('unwanted')]).toEqual([undefined, undefined]);
  });
});
