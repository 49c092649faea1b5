import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { answerTo } from './error-answer.js';
import { deliveryBody } from './delivery-body.js';
import { frontDoor, type Step } from './front-door.js';

const LONGEST = 1000;

describe('the front door, and a body read behind it', () => {
  let server: Server;
  let port: number;
  const taken: unknown[] = [];

  beforeAll(async () => {
    server = createServer((_request, response) => response.end('router'));
    const named: Step = (request, response, next) => {
      response.setHeader('X-Step', 'first');
      if (request.headers['x-odd'] !== undefined) throw new Error('odd');
      next();
    };
    const entrance = {
      isMeant: (incoming: { url?: string }) => incoming.url === '/in',
      take: async (incoming: { body?: unknown }, response: { end(text: string): unknown }) => {
        taken.push(incoming.body);
        if (String(incoming.body) === 'odd') throw new Error('odd');
        response.end('entrance');
        await Promise.resolve();
      },
    };
    frontDoor(server, entrance as Parameters<typeof frontDoor>[1], [named, deliveryBody(() => true, LONGEST)], (error, _request, response) => {
      response.statusCode = answerTo(error, () => false).status;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  function post(path: string, pieces: readonly (string | Buffer)[], headers: Record<string, string> = {}): Promise<{ status: number; text: string; step: unknown }> {
    return new Promise((resolve, reject) => {
      const call = request({ port, path, method: 'POST', headers, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk) => { text += String(chunk); });
        response.on('end', () => { resolve({ status: response.statusCode ?? 0, text, step: response.headers['x-step'] }); });
      });
      call.on('error', reject);
      for (const piece of pieces) call.write(piece);
      call.end();
    });
  }

  it('leads there only what is meant for it, through its steps', async () => {
    expect(await post('/in', ['{}'])).toEqual({ status: 200, text: 'entrance', step: 'first' });
    expect(await post('/elsewhere', ['{}'])).toEqual({ status: 200, text: 'router', step: undefined });
  });

  it('gives the bytes as they came, in however many pieces, and none for none', async () => {
    taken.length = 0;
    await post('/in', [Buffer.from([0xff, 0x00]), 'é', '"']);
    await post('/in', []);
    expect(taken).toEqual([Buffer.from([0xff, 0x00, 0xc3, 0xa9, 0x22]), Buffer.alloc(0)]);
  });

  it('takes exactly the longest, and answers 413 beyond it, announced or not; 415 when compressed', async () => {
    const exact = 'x'.repeat(LONGEST);
    expect((await post('/in', [exact])).status).toBe(200);
    expect((await post('/in', [exact, 'y'])).status).toBe(413);
    expect((await post('/in', [exact, 'y', exact])).status).toBe(413);
    expect((await post('/in', [`${exact}y`], { 'content-length': String(LONGEST + 1) })).status).toBe(413);
    expect((await post('/in', ['x'], { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post('/in', ['x'], { 'content-encoding': 'Identity' })).status).toBe(200);
  });

  it('answers for what the entrance throws, and a step', async () => {
    expect((await post('/in', ['odd'])).status).toBe(500);
    expect((await post('/in', ['{}'], { 'x-odd': '1' })).status).toBe(500);
  });

  it('minds nobody who hangs up half-way', async () => {
    taken.length = 0;
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
        socket.end();
      });
      socket.on('close', () => { resolve(); });
      socket.on('error', () => undefined);
      socket.resume();
    });
    expect((await post('/in', ['next'])).status).toBe(200);
    expect(taken).toEqual([Buffer.from('next')]);
  });
});
