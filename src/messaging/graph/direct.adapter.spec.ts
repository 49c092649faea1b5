import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosInstance } from 'axios';
import { Agent as HttpAgent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { directAdapter } from './direct.adapter.js';
import { toTransportError } from './graph-transport.error.js';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

describe('the way onto the wire', () => {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent() };
  let server: Server;
  let url: string;
  let answer: Answer;
  let connections: number;

  beforeEach(async () => {
    connections = 0;
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (piece: string) => (body += piece)).on('end', () => {
        answer(request, response, body);
      });
    }).on('connection', () => connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v26.0/1/messages?fields=a%2Cb`;
  });
  afterEach(async () => {
    agents.http.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function client(over: { timeout?: number; maxContentLength?: number; adapter?: AxiosAdapter } = {}): AxiosInstance {
    return axios.create({
      adapter: directAdapter(agents), timeout: 5_000, maxContentLength: 1_000, validateStatus: () => true,
      transformRequest: [(body: unknown) => body], transformResponse: [(text: unknown) => text], ...over,
    });
  }
  const post = (data: string, over = {}) => client(over).request<string>({ method: 'POST', url, data, headers: { 'Content-Type': 'application/json', Authorization: 'Bearer t' } });

  async function codeOf(call: Promise<unknown>): Promise<string> {
    return await call.then(() => 'answered', (error: unknown) => toTransportError(error).code);
  }

  it('sends what it was given, byte for byte, and gives back any answer as text', async () => {
    const seen: unknown[] = [];
    answer = ({ method, url: path, headers }, response, body) => {
      seen.push(method, path, headers.authorization, headers['content-type'], headers['content-length'], body);
      response.writeHead(418, { 'X-Told': 'yes' }).end('{"id": 17841400000000001, "text": "ä😀"}');
    };
    const { status, data, headers } = await post('{"text":"Grüße 👋"}');
    expect({ status, data, told: headers['x-told'] as unknown }).toEqual({ status: 418, data: '{"id": 17841400000000001, "text": "ä😀"}', told: 'yes' });
    expect(seen).toEqual(['POST', '/v26.0/1/messages?fields=a%2Cb', 'Bearer t', 'application/json', '23', '{"text":"Grüße 👋"}']);
  });

  it('uses a connection again', async () => {
    answer = (_, response) => response.end('{}');
    for (let nth = 0; nth < 5; nth++) await post('{}');
    await new Promise(setImmediate);
    expect(connections).toBe(1);
    // Nothing of a call stays with its connection.
    const free = Object.values(agents.http.freeSockets).flatMap((sockets) => sockets ?? []);
    expect(free.map((socket) => socket.listenerCount('connect'))).toEqual([0]);
  });

  it('gives up a call that is not answered, or not to its end, in time', async () => {
    answer = () => undefined;
    expect(await codeOf(post('{}', { timeout: 50 }))).toBe('ETIMEDOUT');
    answer = (_, response) => response.writeHead(200).write('{"mess');
    expect(await codeOf(post('{}', { timeout: 50 }))).toBe('ETIMEDOUT');
  });

  it('takes no answer for whole that broke off, and none that has no end', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 }).write('{"message_id": "m"}', () => response.destroy());
    };
    expect(await codeOf(post('{}'))).toBe('ECONNRESET');
    answer = (request) => request.socket.destroy();
    expect(await codeOf(post('{}'))).toBe('ECONNRESET');
    answer = (_, response) => response.end('x'.repeat(2_000));
    expect(await codeOf(post('{}'))).toBe('ERR_BAD_RESPONSE');
  });

  it('knows a call that may have arrived from one that never had a connection', async () => {
    answer = () => undefined;
    expect(await post('{}', { timeout: 50 }).catch(toTransportError)).toMatchObject({ code: 'ETIMEDOUT', neverSent: false });
    const swallowed = { http: new HttpAgent({ lookup: () => undefined }), https: agents.https };
    const lost = client({ timeout: 50, adapter: directAdapter(swallowed) }).request({ url: 'http://graph.test/' });
    expect(await lost.catch(toTransportError)).toMatchObject({ code: 'ETIMEDOUT', neverSent: true });
    // A handshake that fails: what is to be sent waits for its end.
    const plain = client().request({ url: url.replace('http:', 'https:') });
    expect(await plain.catch(toTransportError)).toMatchObject({ neverSent: true });
  });

  it.each(['EHOSTUNREACH', 'ENETUNREACH'])('takes a way that is lost under a call for one that may have arrived: %s', async (code) => {
    // What a router says while the system tries again and again is what the connection ends with.
    answer = () => {
      const [socket] = Object.values(agents.http.sockets).flatMap((sockets) => sockets ?? []);
      socket?.destroy(Object.assign(new Error(`read ${code}`), { code, syscall: 'read' }));
    };
    expect(await post('{}').catch(toTransportError)).toMatchObject({ code, neverSent: false });
  });

  it('tells that nobody was reached', async () => {
    await new Promise((resolve) => server.close(resolve));
    const error = await post('{}').catch(toTransportError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', neverSent: true });
  });
});
