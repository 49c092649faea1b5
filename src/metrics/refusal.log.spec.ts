import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { RefusalLog } from './refusal.log.js';

describe('the log of refused deliveries', () => {
  let lines: unknown[];

  beforeEach(() => {
    lines = [];
    jest.useFakeTimers();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void lines.push(line));
    jest.spyOn(Logger.prototype, 'log').mockImplementation((line) => void lines.push(line));
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('says so once, then once in ten seconds with how many, then that it is over, and begins anew', () => {
    const log = new RefusalLog();
    for (let i = 0; i < 1000; i++) log.note(i % 4 === 0 ? 'inbox_full' : 'slow_storage');
    expect(lines).toEqual(['Deliveries are refused with 503 (inbox_full); Meta delivers them again']);
    jest.advanceTimersByTime(10_000);
    expect(lines[1]).toContain('250 inbox_full, 750 slow_storage');
    jest.advanceTimersByTime(10_000);
    expect(lines[2]).toBe('Deliveries are taken again');
    log.note('too_late');
    expect(lines).toHaveLength(4);
  });
});
