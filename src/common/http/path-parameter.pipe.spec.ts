import { describe, expect, it } from '@jest/globals';
import { PathParameterPipe } from './path-parameter.pipe.js';

describe('PathParameterPipe', () => {
  const pipe = new PathParameterPipe();
  const asNumber = (value: string) => pipe.transform(value, { type: 'param', metatype: Number, data: 'ruleId' });

  it.each(['abc', '0x2', '2.0', '1e1', '-2', '+2', '02', '00', '9'.repeat(16)])('takes %s for no number of ours', (value) => {
    expect(() => asNumber(value)).toThrow('There is nothing with this id.');
  });

  it.each(['2', '0', '999999999999999'])('takes %s for a number', (value) => {
    expect(asNumber(value)).toBe(value);
  });
});
