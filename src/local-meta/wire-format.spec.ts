import { describe, expect, it } from '@jest/globals';
import { wireBytes } from './wire-format.js';

describe('wireBytes', () => {
  it('escapes what is not ASCII, in lower case, and slashes', () => {
    const text = wireBytes({ text: 'Olá ❤️😀 https://x/y "q" \\ é' }).toString('utf8');
    expect(text).toBe('{"text":"Ol\\u00e1 \\u2764\\ufe0f\\ud83d\\ude00 https:\\/\\/x\\/y \\"q\\" \\\\ \\u00e9"}');
    expect(JSON.parse(text)).toEqual({ text: 'Olá ❤️😀 https://x/y "q" \\ é' });
  });

  it('leaves bytes alone', () => {
    expect(wireBytes(Buffer.from('{"é"')).toString('utf8')).toBe('{"é"');
  });
});
