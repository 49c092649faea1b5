import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Rest } from './rest.js';

const MINUTE = 60_000;

describe('Rest', () => {
  let now = 1000;
  let rest: Rest;
  /** Begins a rest and waits for its end. @returns how many minutes it took */
  const minutes = () => {
    rest.begin('too slow');
    let passed = 0;
    for (; rest.reason !== null; passed++) now += MINUTE;
    return passed;
  };
  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    rest = new Rest();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('begins with a reason, and not by itself', () => {
    expect(rest.reason).toBeNull();
    rest.begin('too slow');
    now += MINUTE - 1;
    expect(rest.reason).toBe('too slow');
    now += 1;
    expect(rest.reason).toBeNull();
  });

  it('is twice as long each time in a row, up to a quarter of an hour or so, and short again after a success', () => {
    expect([minutes(), minutes(), minutes(), minutes(), minutes(), minutes()]).toEqual([1, 2, 4, 8, 16, 16]);
    rest.end();
    expect(minutes()).toBe(1);
  });
});
