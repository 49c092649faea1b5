import { beforeEach, describe, expect, it } from '@jest/globals';
import { CredentialCipher, KeyRing } from '../crypto/index.js';
import { AccountCredentials } from './account-credentials.js';
import { AppSecrets, type SealedAppSecret } from './app-secrets.js';

class CountingCipher extends CredentialCipher {
  opened = 0;
  override decrypt(sealed: string, context: string): string {
    this.opened++;
    return super.decrypt(sealed, context);
  }
}

describe('AppSecrets', () => {
  let cipher: CountingCipher;
  let secrets: AppSecrets;
  const sealed = (id: string, secret: string): SealedAppSecret => ({ id, appSecret: cipher.encrypt(secret, `${id}:app_secret`) });
  const ask = (rows: readonly SealedAppSecret[], most = 1000) => {
    cipher.opened = 0;
    return [secrets.openEachOnce(rows, most), cipher.opened];
  };

  beforeEach(() => {
    cipher = new CountingCipher(KeyRing.fromSecrets('the present passphrase', []));
    secrets = new AppSecrets(new AccountCredentials(cipher));
  });

  it('opens one account of each app, once it knows who belongs to which', () => {
    const rows = ['1', '2', '3', '4', '5', '6'].map((id) => sealed(id, Number(id) <= 4 ? 'app-one' : 'app-two'));
    expect(ask(rows)).toEqual([['app-one', 'app-two'], 6]);
    expect(ask(rows)).toEqual([['app-one', 'app-two'], 2]);
    // The account that was opened for its app goes, and another comes.
    expect(ask([...rows.slice(1), sealed('7', 'app-two')])).toEqual([['app-one', 'app-two'], 3]);
    expect(ask([])).toEqual([[], 0]);
    // Nothing is left of what was gone.
    expect(ask(rows)).toEqual([['app-one', 'app-two'], 6]);
  });

  it('sees what was sealed anew, also with the same secret, and what was moved to another account', () => {
    const [one, two] = [sealed('1', 'app-one'), sealed('2', 'app-one')];
    ask([one, two]);
    expect(ask([one, sealed('2', 'app-two')])).toEqual([['app-one', 'app-two'], 2]);
    expect(ask([one, sealed('2', 'app-one')])).toEqual([['app-one'], 2]);
    expect(ask([{ id: '2', appSecret: one.appSecret }])).toEqual([[], 1]);
  });

  it('does not try again what does not open', () => {
    const rows = [{ id: '1', appSecret: 'damaged' }, sealed('2', 'app-one')];
    expect(ask(rows)).toEqual([['app-one'], 2]);
    expect(ask(rows)).toEqual([['app-one'], 1]);
  });

  it('opens no more than are asked for', () => {
    const rows = ['1', '2', '3', '4'].map((id) => sealed(id, `app-${id}`));
    expect(ask(rows, 2)).toEqual([['app-1', 'app-2'], 2]);
    expect(ask(rows)).toEqual([['app-1', 'app-2', 'app-3', 'app-4'], 4]);
  });

  it('remembers no secret', () => {
    ask([sealed('1', 'secret-in-clear')]);
    const remembered = JSON.stringify(Object.values(secrets).map((value: unknown) => (value instanceof Map ? [...value] : value)));
    expect(remembered).toContain('"1 v1.');
    expect(remembered).not.toContain('in-clear');
  });
});
