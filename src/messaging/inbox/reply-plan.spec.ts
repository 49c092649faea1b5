import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ResponseExtras } from '../../rules/index.js';
import { planReply } from './reply-plan.js';

const NONE: ResponseExtras = { quickReplies: null, buttons: null, media: null, typingSeconds: null };
const quickReplies = [{ contentType: 'text', title: 'a', payload: 'A' }] as const;
const buttons = [{ type: 'postback', title: 'a', payload: 'A' }] as const;
const media = { type: 'image', url: 'https://example.com/a.png' } as const;
const plan = (text: string, extras: Partial<ResponseExtras> = {}, oneMessage = false) => {
  const made = planReply(text, { ...NONE, ...extras }, oneMessage);
  return 'cannot' in made ? made.cannot : made.contents;
};

describe('planReply', () => {
  it('sends typing, then media, then the text with what goes under it', () => {
    expect(plan('hi')).toEqual([{ is: 'text', text: 'hi', quickReplies: [] }]);
    expect(plan('hi', { quickReplies, media, typingSeconds: 3 })).toEqual([
      { is: 'typing_on' }, { is: 'media', media }, { is: 'text', text: 'hi', quickReplies },
    ]);
    expect(plan('hi', { buttons })).toEqual([{ is: 'button_template', text: 'hi', buttons }]);
    expect(plan('', { media })).toEqual([{ is: 'media', media }]);
  });

  it('puts quick replies and buttons under the last part of what had to be split', () => {
    const long = `${'x'.repeat(998)} ${'y'.repeat(300)}`;
    expect(plan(long, { quickReplies })).toEqual([
      { is: 'text', text: 'x'.repeat(998), quickReplies: [] }, { is: 'text', text: 'y'.repeat(300), quickReplies },
    ]);
    expect(plan(`${'x'.repeat(600)} ${'y'.repeat(300)}`, { buttons })).toEqual([
      { is: 'text', text: 'x'.repeat(600), quickReplies: [] }, { is: 'button_template', text: 'y'.repeat(300), buttons },
    ]);
    expect(plan('x'.repeat(640), { buttons })).toHaveLength(1);
  });

  it('answers a comment with one message, or says why it cannot', () => {
    expect(plan('hi', { quickReplies, typingSeconds: 3 }, true)).toEqual([{ is: 'text', text: 'hi', quickReplies }]);
    expect(plan('x'.repeat(1001), {}, true)).toMatch(/one message of 1000 bytes/);
    expect(plan('x'.repeat(641), { buttons }, true)).toMatch(/one message of 640 characters with buttons/);
    expect(plan('hi', { media }, true)).toMatch(/answers with media/);
  });

  it('says what cannot be sent', () => {
    expect(plan(' ')).toBe('the reply is empty');
    expect(plan('', { media, buttons })).toMatch(/no text to stand under/);
  });

  it('loses nothing of the text, and keeps within the limits of Meta', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.boolean(), (words, withButtons) => {
        const text = words.join(' ').trim();
        const made = planReply(text, withButtons ? { ...NONE, buttons } : NONE, false);
        if ('cannot' in made) {
          expect(text).toBe('');
          return;
        }
        const parts = made.contents.map((content) => ('text' in content ? content.text : ''));
        expect(parts.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(1000);
        const last = made.contents.at(-1);
        expect(last?.is).toBe(withButtons ? 'button_template' : 'text');
        if (withButtons) expect(parts.at(-1)?.length).toBeLessThanOrEqual(640);
      }),
    );
  });
});
