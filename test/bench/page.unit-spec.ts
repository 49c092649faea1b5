import { describe, expect, it } from '@jest/globals';
import { goalRow, newest, readSections, writeSections } from '../../bench/docs/page.mjs';

const EMPTY = ['# Page', '', '<!-- goals: drawn by npm run bench -->', 'old', '<!-- end of goals -->', 'between', '<!-- results: drawn by npm run bench -->', '<!-- end of results -->', 'after', ''].join('\n');

const section = (name: string, measured: string, text: string) => ({
  name, measured, text: `### ${name}\n\n${text}`, goals: [goalRow(name, { text: `${text}: 1 (goal: a|b)`, figure: 1, reached: true })],
});
const ack = section('ack-mysql', '2026-11-24T21:09:00.000Z', 'ack');
const growth = section('growth-mysql', '2026-11-25T21:09:00.000Z', 'growth');

describe('what docs/performance.md holds of each result', () => {
  it('is read as it was written, goals included, and what stands around it stays', () => {
    const page = writeSections(EMPTY, [ack, growth]);
    expect(readSections(page)).toEqual([ack, growth]);
    expect(writeSections(page, readSections(page))).toBe(page);
    expect(page).toMatch(/^# Page[\s\S]*\| reached \| ack: 1 \(goal: a\\\|b\) \|[\s\S]*between[\s\S]*### ack-mysql[\s\S]*### growth-mysql[\s\S]*after\n$/);
  });

  it('stays where no newer result exists', () => {
    const again = section('ack-mysql', '2026-11-26T00:00:00.000Z', 'ack again');
    expect(newest([ack, growth], [again])).toEqual([again, growth]);
    expect(newest([again, growth], [ack])).toEqual([again, growth]);
    expect(newest([], [ack])).toEqual([ack]);
    expect(readSections(writeSections(writeSections(EMPTY, [ack, growth]), [again, growth]))).toEqual([again, growth]);
  });

  it('tells names apart that begin alike', () => {
    const other = section('ack-mysql-2', ack.measured, 'other');
    expect(readSections(writeSections(EMPTY, [ack, other]))).toEqual([ack, other]);
  });

  it('can be nothing', () => {
    expect(readSections(writeSections(EMPTY, []))).toEqual([]);
    expect(() => readSections('# Page')).toThrow('lacks');
  });
});
