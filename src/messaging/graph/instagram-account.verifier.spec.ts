import { describe, expect, it } from '@jest/globals';
import type { GraphClient } from './graph-client.js';
import { InstagramAccountVerifier } from './instagram-account.verifier.js';

const REQUEST = { accountId: '17841400000000001', accessToken: 'not-at-all-a-token-of-instagram' };

describe('InstagramAccountVerifier', () => {
  it('repeats what Graph says, but never the token that Graph quotes', async () => {
    const body = { error: { code: 1, message: `Malformed access token ${REQUEST.accessToken}: "${REQUEST.accessToken}"` } };
    const graph = { get: () => Promise.resolve({ status: 400, headers: {}, body }) } as unknown as GraphClient;
    const { ok, error } = await new InstagramAccountVerifier(graph).verify(REQUEST);
    expect([ok, error]).toEqual([false, 'Graph answered code 1: Malformed access token [redacted]: "[redacted]"']);
  });

  const answered = async (me: object, accountId: string): Promise<string | null> => {
    const graph = { get: () => Promise.resolve({ status: 200, headers: {}, body: me }) } as unknown as GraphClient;
    const { ok, error } = await new InstagramAccountVerifier(graph).verify({ ...REQUEST, accountId });
    expect(ok).toBe(false);
    return error;
  };
  const ME = { id: '26100000000000001', user_id: '17841400000000001', username: 'example.shop' };

  it('says that the account stands here under its app-scoped id, which no new token cures', async () => {
    expect(await answered(ME, ME.id)).toBe(
      '26100000000000001 is the app-scoped id of example.shop; the id that webhooks carry is 17841400000000001. Delete the account here and add it with that id.',
    );
  });

  it('names both cures where a token is of another account: the id may be the wrong one', async () => {
    expect(await answered(ME, '17841400000000002')).toBe(
      'The access token belongs to another account (17841400000000001, example.shop). Should that be the account you mean, delete it here and add it with that id; else generate a token of this one in Meta’s dashboard and PATCH the account with it.',
    );
    expect(await answered({ user_id: '1' }, '2')).toContain('another account (1).');
  });

  it.each([
    [10, 'Connect the account to the app again, with all permissions, and PATCH the account with the new access token.'],
    [200, 'Connect the account to the app again, with all permissions, and PATCH the account with the new access token.'],
    [3, "The app must be Live and have passed Meta's App Review; until then only people with a role in the app can be answered."],
  ])('says what to do where a permission is missing (code %i)', async (code, cure) => {
    const body = { error: { code, message: 'Não permitido.' } };
    const graph = { get: () => Promise.resolve({ status: 400, headers: {}, body }) } as unknown as GraphClient;
    const { error, tokenAccepted } = await new InstagramAccountVerifier(graph).verify(REQUEST);
    expect([error, tokenAccepted]).toEqual([`Graph answered code ${String(code)}: Não permitido. ${cure}`, null]);
  });
});
