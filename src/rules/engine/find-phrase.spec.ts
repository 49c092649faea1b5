import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { containsPhrase } from './find-phrase.js';

describe('containsPhrase', () => {
  it.each([
    ['what is the price?', 'price'],
    ['price', 'price'],
    ['prices and price', 'price'],
    ['(opening hours)', 'opening hours'],
    ['größe', 'größe'],
    ['yes 👍 ok', '👍'],
    ['yes👍ok', '👍'],
    ['请问价格多少', '价格'],
    ['ราคาเท่าไหร่', 'ราคา'],
    ['c++ or c#', 'c++'],
    ['costs 50€ only', '50€'],
    ['to 🇩🇪🇸🇪?', '🇸🇪'],
    ['to 🇩🇪🇪🇸?', '🇩🇪🇪🇸'],
    ['🇸🇩🇪🇸', '🇪🇸'],
  ])('finds in %j the phrase %j', (text, phrase) => {
    expect(containsPhrase(text, phrase)).toBe(true);
  });

  it.each([
    ['prices', 'price'],
    ['überpreis', 'preis'],
    ['naïve', 'na'],
    ['scan', 'can'],
    ['snake_case', 'case'],
    ['150€', '50€'],
    ['цена5', 'цена'],
    ['𝒂price', 'price'], // a letter outside the basic plane before it
    ['to 🇩🇪🇸🇪?', '🇪🇸'], // Germany and Sweden are not Spain
    ['🇩🇪🇸🇪', '🇪'],
    ['anything', ''],
  ])('does not find in %j the phrase %j', (text, phrase) => {
    expect(containsPhrase(text, phrase)).toBe(false);
  });

  it('finds every phrase that stands between spaces', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1, unit: 'grapheme' }), fc.string(), (before, phrase, after) => {
        expect(containsPhrase(`${before} ${phrase} ${after}`, phrase)).toBe(true);
      }),
    );
  });

  it('never finds a word with a letter stuck to it', () => {
    const word = fc.string({ minLength: 1, unit: fc.constantFrom(...'abcäж') });
    fc.assert(
      fc.property(word, (phrase) => {
        expect(containsPhrase(`z${phrase}`, phrase)).toBe(false);
        expect(containsPhrase(`${phrase}z`, phrase)).toBe(false);
      }),
    );
  });
});
