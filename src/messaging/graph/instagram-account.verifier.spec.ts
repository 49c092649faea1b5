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
});
