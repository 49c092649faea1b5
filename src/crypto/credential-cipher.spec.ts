import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CredentialCipher } from './credential-cipher.js';
import { CredentialCipherError } from './credential-cipher.errors.js';
import { KeyRing } from './key-ring.js';

const OLD = Buffer.alloc(32, 1).toString('base64');
const NEW = Buffer.alloc(32, 2).toString('base64');
const cipher = new CredentialCipher(KeyRing.fromSecrets(NEW, [OLD]));
const oldCipher = new CredentialCipher(KeyRing.fromSecrets(OLD));

describe('CredentialCipher', () => {
  it('opens what it sealed, in the same place only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (plain, here, there) => {
        const sealed = cipher.encrypt(plain, here);
        expect(cipher.decrypt(sealed, here)).toBe(plain);
        if (here !== there) expect(() => cipher.decrypt(sealed, there)).toThrow(CredentialCipherError);
      }),
    );
  });

  it('never seals the same text the same way twice', () => {
    expect(cipher.encrypt('token', 'a')).not.toBe(cipher.encrypt('token', 'a'));
  });

  it('opens with a previous key', () => {
    const sealed = oldCipher.encrypt('token', '1:access_token');
    expect(cipher.decrypt(sealed, '1:access_token')).toBe('token');
    expect(cipher.knowsKey(oldCipher.currentKeyId)).toBe(true);
  });

  it('names the missing key and nothing else when it cannot open', () => {
    const sealed = cipher.encrypt('super-secret', '1:access_token');
    expect(() => oldCipher.decrypt(sealed, '1:access_token')).toThrow(/neither APP_SECRET_KEY nor/);
    expect(() => oldCipher.decrypt(sealed, '1:access_token')).not.toThrow(/super-secret/);
    expect(oldCipher.knowsKey(cipher.currentKeyId)).toBe(false);
  });

  it.each(['', 'plain text', 'v2.a.b.c', 'v1.k.AAAA.AAAA', 'v1...', 'v1.a.b.c.d'])('refuses %j', (text) => {
    expect(() => cipher.decrypt(text, 'x')).toThrow(CredentialCipherError);
  });

  it('refuses a text of which any one character was changed', () => {
    const sealed = cipher.encrypt('token', 'x');
    for (let i = 0; i < sealed.length - 1; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
      expect(() => cipher.decrypt(changed, 'x')).toThrow(CredentialCipherError);
    }
  });
});
