import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { childSpans, nestingDepth, rootSpan } from './json-spans.js';
import { parseJsonWithBigInts } from './json-with-big-ints.js';

/** JSON texts with numbers as digits, strings that look like numbers, odd spacing and escapes. */
const jsonText = fc.letrec<{ value: string }>((tie) => {
  const space = fc.constantFrom('', ' ', '\n', '\t ', '\r\n');
  const padded = (text: fc.Arbitrary<string>) => fc.tuple(space, text, space).map((parts) => parts.join(''));
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,25})$/);
  const string = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    digits,
    fc.constantFrom('\\', '"', '\\"', ',12345678901234567890', ']}', '\u2028', '\ud800'),
  ).map((text) => JSON.stringify(text));
  return {
    value: padded(
      fc.oneof(
        { maxDepth: 4 },
        digits,
        fc.tuple(digits, fc.constantFrom('.5', 'e3', 'E+2', '.12345678901234567890', 'e12345678901234567890')).map((p) => p.join('')),
        string,
        fc.constantFrom('true', 'false', 'null'),
        fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
        fc.array(fc.tuple(padded(string), tie('value')), { maxLength: 4 }).map((f) => `{${f.map((p) => p.join(':')).join(',')}}`),
        fc.constantFrom('[ ]', '{ }'),
      ),
    ),
  };
}).value;

/** What every integer must become, worked out another way: a reviver over a text in which each integer is marked. */
function expected(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d+$/.test(token) ? `{"\\u0000int":"${token}"}` : token,
  );
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('\u0000int' in value)) return value;
    const digits = String(value['\u0000int']);
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits;
  });
}

describe('parseJsonWithBigInts', () => {
  it('takes numbers of any length', () => {
    for (const digits of ['1'.repeat(9_000_000), `-${'1'.repeat(9_000_000)}`]) {
      expect((parseJsonWithBigInts(`{"id":${digits}}`) as { id: unknown }).id === digits).toBe(true);
    }
    expect(parseJsonWithBigInts(`[${'1'.repeat(4_000_000)}.${'1'.repeat(4_000_000)}]`)).toEqual([Infinity]);
  });

  it('loses no digit of an id', () => {
    expect(parseJsonWithBigInts('{"id":17841400000000001,"t":1527459824123}')).toEqual({ id: '17841400000000001', t: 1527459824123 });
    expect(parseJsonWithBigInts('12345678901234567890')).toBe('12345678901234567890');
    expect(parseJsonWithBigInts('{"url":"?asset_id=12345678901234567890","n":1e12345678901234567890}')).toEqual({
      url: '?asset_id=12345678901234567890', n: Infinity,
    });
  });

  it('refuses what is not JSON, also where quoting would make it JSON', () => {
    expect(() => parseJsonWithBigInts('{12345678901234567:1}')).toThrow(SyntaxError);
    expect(() => parseJsonWithBigInts('')).toThrow(SyntaxError);
  });

  it('reads any JSON as a slower reader would', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(parseJsonWithBigInts(text)).toEqual(expected(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('childSpans', () => {
  it('finds exactly the text of every child', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const walk = (span: { start: number; end: number }): unknown => {
          const own = text.slice(span.start, span.end);
          const { items, fields } = childSpans(text, span);
          if (own.startsWith('[')) return items.map(walk);
          if (own.startsWith('{')) return Object.fromEntries([...fields].map(([key, child]) => [key, walk(child)]));
          return JSON.parse(own) as unknown;
        };
        expect(walk(rootSpan(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes the last of equal keys, as JSON.parse does', () => {
    const text = '{"a":1, "\\u0061":[2]}';
    const span = childSpans(text, rootSpan(text)).fields.get('a')!;
    expect(text.slice(span.start, span.end)).toBe('[2]');
  });

  it('is not impressed by depth', () => {
    const text = `{"entry":[${'['.repeat(300_000)}${']'.repeat(300_000)}]}`;
    expect(childSpans(text, childSpans(text, rootSpan(text)).fields.get('entry')!).items).toEqual([{ start: 10, end: 600_010 }]);
    expect(nestingDepth(text)).toBe(300_002);
  });
});
