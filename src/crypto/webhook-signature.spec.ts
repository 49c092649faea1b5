import { describe, expect, it } from '@jest/globals';
import { sign, signatureMatches } from './webhook-signature.js';

const body = Buffer.from('{"text":"caf\\u00e9"}');

describe('signatureMatches', () => {
  it('accepts what the known-answer HMAC gives', () => {
    // RFC 4231, test case 2
    const signature = 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    expect(sign(Buffer.from('what do ya want for nothing?'), 'Jefe')).toBe(signature);
    expect(signatureMatches(Buffer.from('what do ya want for nothing?'), signature, 'Jefe')).toBe(true);
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another algorithm', sign(body, 'secret').replace('sha256', 'sha1')],
    ['bare hex', sign(body, 'secret').slice(7)],
    ['a cut signature', sign(body, 'secret').slice(0, -1)],
    ['a longer one', `${sign(body, 'secret')}0`],
    ['a line break behind it', `${sign(body, 'secret')}\n`],
    ['not hex', `sha256=${'z'.repeat(64)}`],
    ['another secret', sign(body, 'other')],
    ['another body', sign(Buffer.concat([body, Buffer.from(' ')]), 'secret')],
  ])('refuses %s', (_, header) => {
    expect(signatureMatches(body, header, 'secret')).toBe(false);
  });

  it('refuses everything for an empty secret', () => {
    expect(signatureMatches(body, sign(body, ''), '')).toBe(false);
  });
});
