import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ComparedText } from './compared-text.js';
import { Pattern } from './pattern.js';

const found = (pattern: string, text: string) => Pattern.compile(pattern).match(ComparedText.of(text)!)?.['0'] ?? null;

describe('Pattern', () => {
  it.each([
    ['^(❤️|👍)$', '❤', '❤'],
    ['^(❤️|👍)$', '❤️', '❤'],
    ['^[❤️👍]$', '👍', '👍'],
    ['☎️|call', 'ring ☎️', '☎'],
    ['wait…', 'please wait...', 'wait...'],
    ['wait…', 'please waiting', null],
    ['(…)+$', 'well......', '......'],
    ['…{2}', 'well......', '......'],
    ['20 m²', '20 m2', '20 m2'],
    ['brand™', 'BRAND™', 'BRANDTM'],
    ['^1️⃣$', '1️⃣', '1⃣'],
    ['5\u00a0€', '5 €', '5 €'],
    ['５＋', '５＋', '5+'],
    ['５＋', '555', null],
    ['[５＋]x', '+x', '+x'],
    ['[＾ａ]x', '^x', '^x'],
    ['[０-９]x', '５x', null], // a range means what it says
    ['[α-ω]+', 'ΑΒΓ', 'ΑΒΓ'],
    ['\\Q…(\\E!', '...(!', null], // quoted: as it is written
    ['\\p{Greek}ﬁ', 'βfi', 'βfi'],
    ['ㄱㅏ', '가', '가'],
    ['ｓｈｏｐ+', 'ＳＨＯＰＰ', 'SHOPP'],
    ['ℹ️|info', 'hi there', null],
    ['ℹ️|info', 'more ℹ️ please', 'i'],
    ['№', 'I know', null],
    ['№ ?5', 'No 5', 'No 5'],
    ['™', 'treatment', null],
    ['①|②', '12 euro', null],
    ['(①|②)', 'the ②', '2'],
    ['[ℹ️❓]', 'hi', null],
    ['№ ?5', 'заказ №5', 'No5'],
    ['№(\\d+)', 'заказ №12', 'No12'],
    ['№ ?(\\d+)', 'заказ №12', 'No12'],
    ['№\\s*(\\d+)', 'заказ № 12', 'No 12'],
    ['№\\s*([0-9]{1,9})', 'заказ № 12', 'No 12'],
    ['№\\s*(\\d+)', 'piano 12', null],
    ['№ ?(\\d+)?', 'nothing', null],
    ['№ ?\\d*', 'November', null],
    ['№(\\d+)?', 'not now', null],
    ['№\\s*[0-9]?', 'nobody', null],
    ['№\\d{0,3}', 'none', null],
    ['№1?', 'none', null],
    ['№1', 'заказ №1', 'No1'],
    ['\\d*º', 'hello', null],
    ['\\d? ?º', 'hello', null],
    ['(\\d+)?º', 'tengo', null],
    ['1?º', 'tengo', null],
    ['\\d{0,2}º', 'tengo', null],
    ['№ (\\d+)', 'заказ № 7', 'No 7'],
    ['(?:№ ?)?\\d+', 'заказ 7', '7'],
    ['(\\d{1,2})º', 'el 12º', '12o'],
    ['(\\d+)º', '3º piso', '3o'],
    ['\\d+ ?ª', 'la 3 ª', '3 a'],
    ['\\d+ ?ª', '3 amigos', null],
    ['[º°]C', '20 °C', '°C'],
    ['\\d²', '52', null], // nobody knows whether that is a power
    ['m²', '20 m²', 'm2'],
    ['love ❤️?$', 'love', null],
    ['love( ❤️)?$', 'love', 'love'],
    ['❤️+', 'a ❤️❤️', '❤❤'],
    ['^\u200e*hello', 'hello', 'hello'],
    ['^[\u200e\u200f]*hello', 'hello', 'hello'],
    ['[\u202a-\u202e]x', '-x', null],
    ['caf\u0065\u0301?$', 'caf', 'caf'],
    ['^葛\u{E0100}城$', '葛城', '葛城'],
    ["what's", 'So, what’s the price?', 'what’s'], // as phones type it
    ['l’adresse', "L'ADRESSE", "L'ADRESSE"],
    ["c'est (\\w+)", 'C’est combien ?', 'C’est combien'],
    ["^it'?s$", 'itʼs', 'itʼs'],
    ["^it'?s$", 'its', 'its'],
    ["(’|\\d){2}", "7'", "7'"],
    ["[']s", '’s', null], // a class means what it says
    ["\\Q'\\E", '’', null], // and what is quoted
    ["\\'", '’', null],
    ['^葛城$', '葛\u{E0101}城', '葛城'],
    ['^\u061c?سعر$', '\u061cسعر', 'سعر'],
  ])('%s in %s: %j', (pattern, text, expected) => {
    expect(found(pattern, text)).toBe(expected);
  });

  it.each(["[a'", "[^'b", "'[", "a'**", "('", "(?P<a'>b)"])('does not make a pattern of %s', (pattern) => {
    expect(() => Pattern.compile(pattern)).toThrow();
  });

  it('finds every text in itself, and repeated', () => {
    const sign = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), fc.constantFrom('…', '™', '❤️', '１', '＊', 'ﬁ', '½', '（', 'é', 'ｶﾞ', '¨', '\u00a0', '['));
    fc.assert(
      fc.property(fc.array(sign, { minLength: 1, maxLength: 6 }), (signs) => {
        const text = `x${signs.join('')}x`;
        const quoted = text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
        expect(found(quoted, text)).not.toBeNull();
        expect(found(`^(${quoted})+$`, text.repeat(2))).not.toBeNull();
      }),
      { numRuns: 1000 },
    );
  });
});
