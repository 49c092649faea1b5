import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { SystemClock } from '../../common/clock.js';
import { parseEnvironment } from '../../config/index.js';
import { GraphClient } from './graph-client.js';
import { readRefresh, TokenRefresher } from './token-refresher.js';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const read = (body: unknown, status = 200) => readRefresh({ status, headers: {}, body }, NOW);

describe('readRefresh', () => {
  it('reads the token and its end, also where they stand in a list', () => {
    const refreshed = { kind: 'refreshed', accessToken: 'IGAAnew', expiresAt: new Date(NOW.getTime() + 5_184_000_000) };
    expect(read({ access_token: 'IGAAnew', token_type: 'bearer', expires_in: 5_184_000 })).toEqual(refreshed);
    expect(read({ data: [{ access_token: 'IGAAnew', expires_in: '5184000' }] })).toEqual(refreshed);
    // Meta’s word for it: sixty days.
    expect(read({ access_token: 'IGAAnew' })).toEqual(refreshed);
  });

  it('does not take something else for a token', () => {
    for (const body of [undefined, {}, { access_token: '' }, { access_token: 'two words' }, { access_token: 'é' }, []]) {
      expect(read(body)).toMatchObject({ kind: 'unanswered' });
    }
    expect(read({ error: { code: 190, error_subcode: 463 } }, 400)).toMatchObject({ kind: 'dead_token' });
    expect(read({ error: { code: 100 } }, 400)).toMatchObject({ kind: 'refused' });
  });
});

describe('TokenRefresher', () => {
  const token = 'IGAAtheTokenThatMustNotBeSeen';
  let server: Server;
  let seen: { url: string | undefined; authorization: string | undefined }[] = [];

  async function refresh(answer: RequestListener) {
    seen = [];
    server = createServer((request, response) => {
      seen.push({ url: request.url, authorization: request.headers.authorization });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const graphUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const client = new GraphClient(parseEnvironment({ GRAPH_API_BASE_URL: graphUrl }));
    const thrown = await client.refreshToken(token).then(() => null, (error: unknown) => error);
    const result = await new TokenRefresher(client, new SystemClock()).refresh(token);
    client.onApplicationShutdown();
    return { result, thrown };
  }

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('asks as Meta documents it: no version, the token as a parameter and nowhere else', async () => {
    const { result } = await refresh((_, response) => response.end(JSON.stringify({ access_token: 'IGAAnew', expires_in: 60 })));
    expect(result).toMatchObject({ kind: 'refreshed', accessToken: 'IGAAnew' });
    expect(seen[0]).toEqual({ url: `/refresh_access_token?grant_type=ig_refresh_token&access_token=${token}`, authorization: undefined });
  });

  it.each<[string, RequestListener]>([
    ['a reset connection', (request) => request.socket.resetAndDestroy()],
    ['a redirect', (_, response) => response.writeHead(302, { location: `http://127.0.0.1:9/?access_token=${token}` }).end()],
    ['a page that repeats the address', (request, response) => response.writeHead(500).end(`<html>${String(request.url)}</html>`)],
    ['words of Meta that hold it', (_, response) => response.writeHead(400).end(JSON.stringify({ error: { code: 100, message: token } }))],
  ])('says nothing of the address after %s', async (_, answer) => {
    const { result, thrown } = await refresh(answer);
    expect(result.kind).toMatch(/unanswered|refused/);
    expect(inspect([result, thrown], { depth: 20, showHidden: true })).not.toContain('MustNotBeSeen');
  });
});
