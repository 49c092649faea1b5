import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { hasRequired, requiredText, SOME_DIGIT, withoutCase } from './required-text.js';

describe('requiredText', () => {
  it.each([
    ['order\\s+(\\d+)', ['order']],
    ['^(hi|hello|hey)\\b', ['hi', 'hello', 'hey']],
    ['colou?r', ['colo']],
    ['ORDER-NO', ['order-no']],
    ['(?i)цена', ['цена']],
    ['(?:where|when).*package', ['package']],
    ['\\b\\d{5}\\b', [SOME_DIGIT]],
    ['[0-9]+', [SOME_DIGIT]],
    ['a+b{2}c{0,3}dd', ['dd']],
    ['c\\+\\+', ['c++']],
    ['[\\w.]+@[\\w.]+', ['@']],
    ['(?P<no>x{3,})y', ['x']],
    ['[]a]bc[^]]', ['bc']],
    ['[[:alpha:]]k', ['k']],
    ['\\x{263a}ab\\pLc', ['ab']],
    ['(price|)', null],
    ['price|.*', null],
    ['(price)?', null],
    ['.*', null],
    ['(a)(?i){0,2}', null],
    ['[a-z]+', null],
    ['\\Qa.b\\E', null],
    ['a{,5}', null],
    ['(ab', null],
    ['ab)', null],
    ['[ab', null],
  ])('%s: %j', (pattern, expected) => {
    expect(requiredText(pattern)).toEqual(expected);
  });

  it('is in every text that the pattern matches', () => {
    const atom = fc.constantFrom(
      ...['a', 'B', 'ab', '1', 'σ', 'ß', 'ſ', 'k', 'é', 'e\u0301', 'ǆ', 'ŉ', 'ı', 'İ', '👍', '.', '\\d', '\\.', '[ab]', '[^a]', '[0-9]'],
      ...['[[:alpha:]]', '[]b]', '^', '$', '\\b', '\\pL', '\\x61', '\\x{62}', '\\Qa+\\E', '(?i)', '{', '}', ']', '-', ' ', '|', '\\s'],
    );
    const sign = fc.constantFrom('', '', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '+?', '{0}', '{,2}');
    const { tree } = fc.letrec<{ tree: string; branch: string }>((tie) => ({
      branch: fc.array(fc.tuple(fc.oneof({ maxDepth: 3, depthIdentifier: 'p' }, atom, tie('tree').map((inner) => `(${inner})`)), sign).map((pair) => pair.join('')), { maxLength: 3 }).map((items) => items.join('')),
      tree: fc.array(tie('branch'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
    }));
    const said = fc.string({ unit: fc.constantFrom(...'aAbB12σςΣßẞſsSkK\u212aéeiIıİ.-{}] 👍+ǅǄŉ\u0301'), minLength: 8, maxLength: 30 });
    let matches = 0;
    fc.assert(
      fc.property(tree, fc.array(said, { minLength: 10, maxLength: 10 }), (pattern, texts) => {
        const compiled = compile(pattern);
        const required = requiredText(pattern);
        if (compiled === null || required === null) return;
        for (const each of texts) {
          if (!compiled.matcher(each).find()) continue;
          matches++;
          expect([pattern, each, hasRequired(withoutCase(each), required)]).toEqual([pattern, each, true]);
        }
      }),
      { numRuns: 3000 },
    );
    expect(matches).toBeGreaterThan(100);
  });

  it('takes case away from all characters that a pattern takes for the same', () => {
    const cased: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const character = String.fromCodePoint(code);
      if (/\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}|\p{Cased}/u.test(character)) cased.push(character);
    }
    const all = cased.join('');
    for (const character of cased) {
      const matcher = RE2JS.compile(RE2JS.quote(character), RE2JS.CASE_INSENSITIVE).matcher(all);
      while (matcher.find()) {
        const same = matcher.group() ?? '';
        expect([character, same, withoutCase(same)]).toEqual([character, same, withoutCase(character)]);
      }
    }
  });
});

function compile(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  } catch {
    return null;
  }
}
