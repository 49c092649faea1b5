import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldText } from './fold-text.js';

describe('foldText', () => {
  it.each([
    ['  HELLO  ', 'hello'],
    ['STRASSE', 'straße'],
    ['STRAẞE', 'strasse'],
    ['ＰＲＩＣＥ', 'price'], // full-width letters
    ['cafe\u0301', 'CAFÉ'],
    ['ΟΔΟΣ', 'οδος'],
    ['ﬁne', 'FINE'],
    ['SİPARİŞ', 'sipariş'],
    ['İ\u0301\u0307', 'Í\u0307'],
    ['i\u0307\u0307', 'i'],
    ['❤️', '❤'],
    ['what’s', "WHAT'S"], // as phones type it
    ['‘l’ʼ', "'l''"],
    ['“sale” „sale‟', '"sale" "sale"'],
    ['e‑mail – e—mail', 'e-mail - e-mail'],
    ['👍🏽', '👍'],
    ['👍🏽🏽', '👍'],
    ['👋🏻 👩🏿‍🚀', '👋🏾 👩‍🚀'],
    ['\u00A0price\u200B', 'price'],
    ['opening  hours', 'opening\nhours'],
    ['opening\r\n\thours', 'opening hours'],
    ['horário\u3000\u2003de', 'HORÁRIO de'],
    ['é\u00AD \u00AD é', 'é é'],
  ])('makes %j and %j one', (a, b) => {
    expect(foldText(a)).toBe(foldText(b));
  });

  it('sees no variation selector and no mark of writing direction', () => {
    const invisible: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const sign = String.fromCodePoint(code);
      if (/[\p{Variation_Selector}\p{Bidi_Control}]/u.test(sign)) invisible.push(sign);
    }
    expect(invisible.length).toBeGreaterThan(250);
    for (const sign of invisible) expect([sign.codePointAt(0), foldText(`葛${sign}城`)]).toEqual([sign.codePointAt(0), '葛城']);
  });

  it('keeps apart what folding keeps apart', () => {
    expect(foldText('ı')).not.toBe(foldText('i'));
    expect(foldText('👨‍👩‍👧')).not.toBe(foldText('👨👩👧'));
    expect(foldText('🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}')).not.toBe(foldText('🏴'));
  });

  it('changes nothing that is folded already', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(foldText(foldText(text))).toBe(foldText(text));
      }),
    );
  });

  it('does not mind letter case', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aäßéñžçσжπ😀 9') }), (text) => {
        expect(foldText(text.toUpperCase())).toBe(foldText(text));
      }),
    );
  });
});
