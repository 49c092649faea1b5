import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { MOST_UNWRITTEN, outputOf } from './output.js';

describe('The output of the log', () => {
  let folder: string;
  let descriptor: number;
  let output: DestinationStream;
  const written = () => fs.readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(0, -1);
  const whileFull = (work: () => void): void => {
    const full = jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    work();
    expect(full).toHaveBeenCalled();
    full.mockRestore();
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'direct-log-'));
    descriptor = fs.openSync(join(folder, 'log'), 'a');
    output = outputOf(descriptor);
  });
  afterEach(() => {
    fs.closeSync(descriptor);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('keeps what cannot be written, and writes it in order as soon as there is room', () => {
    output.write('0\n');
    whileFull(() => {
      for (const line of ['1', '2', '3']) output.write(`${line}\n`);
    });
    output.write('4\n');
    expect(written()).toEqual(['0', '1', '2', '3', '4']);
  });

  it('keeps no more than a bounded part of it, and says how many lines are lost', () => {
    const line = (number: number) => `${String(number).padStart(1023, '0')}\n`;
    const kept = MOST_UNWRITTEN / 1024 + 1;
    whileFull(() => {
      for (let number = 0; number < kept + 7; number += 1) output.write(line(number));
    });
    output.write('after\n');
    const lines = written();
    expect(lines.slice(0, kept).map(Number)).toEqual(Array.from({ length: kept }, (_, number) => number));
    expect(lines.slice(kept)).toEqual([expect.stringContaining('7 lines are lost'), 'after']);
  });
});
