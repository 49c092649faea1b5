import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http';
import { connect, Server as TcpServer, type AddressInfo } from 'node:net';
import type * as Source from '../src/common/http/accept-briskly.js';

// Built: it starts a process of its own from the file beside it.
const { acceptBriskly } = (await import(new URL('../dist/src/common/http/accept-briskly.js', import.meta.url).href)) as typeof Source;

const CONNECTIONS = 64;
/** More than Node's own 511. */
const BACKLOG = 700;

describe('taking new connections', () => {
  let server: Server;
  let accepted: number;
  let answer: () => void;

  beforeEach(async () => {
    accepted = 0;
    answer = () => undefined;
    server = createServer((_request, response) => {
      answer = () => response.end('late');
    });
    server.on('connection', () => (accepted += 1));
    const copied = acceptBriskly(server, BACKLOG, 16);
    server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
    await copied;
  });

  afterEach(() => {
    server.closeAllConnections();
  });

  const open = () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  };

  it('takes more than one in a turn of the event loop, each once', async () => {
    const sockets = Array.from({ length: CONNECTIONS }, open);
    let turns = 0;
    while (accepted < CONNECTIONS && turns < 10_000) {
      await new Promise((resolve) => setImmediate(resolve));
      // The kernel has all of them by now; each turn is long, as under load.
      const until = performance.now() + 5;
      while (performance.now() < until);
      turns += 1;
    }
    expect(accepted).toBe(CONNECTIONS);
    expect(turns).toBeLessThan(CONNECTIONS / 2);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  // What waits is in Linux's list of sockets, as the length of the listening one's queue.
  (process.platform === 'linux' ? it : it.skip)('leaves as many waiting in the kernel as the server was told to', async () => {
    const most = Math.min(BACKLOG, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')));
    const sockets = Array.from({ length: BACKLOG }, open);
    // They connect on the next tick, and nothing is accepted before the turn of the loop ends.
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    const port = (server.address() as AddressInfo).port.toString(16).toUpperCase().padStart(4, '0');
    const queue = new RegExp(`:${port} 00000000:0000 0A [0-9A-F]{8}:([0-9A-F]{8})`).exec(readFileSync('/proc/net/tcp', 'utf8'))?.[1];
    expect(parseInt(String(queue), 16)).toBeGreaterThanOrEqual(most);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('closing waits for what is being answered, whichever copy it came through, and takes nothing new', async () => {
    const sockets = Array.from({ length: CONNECTIONS }, open);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const { port } = server.address() as AddressInfo;
    const asking = sockets[40]!;
    asking.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await once(server, 'request');
    let closed = false;
    const closing = new Promise((resolve) => server.close(resolve)).then(() => (closed = true));
    const refused = connect(port, '127.0.0.1');
    expect(await once(refused, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
    expect(closed).toBe(false);
    answer();
    const [chunk] = (await once(asking, 'data')) as [Buffer];
    expect(chunk.toString()).toContain('late');
    for (const socket of sockets) socket.destroy();
    await closing;
  });

  it('what is asked while it closes is answered, and told that the connection ends', async () => {
    const socket = open();
    const text: string[] = [];
    socket.on('data', (chunk: Buffer) => text.push(chunk.toString()));
    const ask = () => socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    ask();
    await once(server, 'request');
    const closing = new Promise((resolve) => server.close(resolve));
    const first = answer;
    ask();
    await once(server, 'request');
    first();
    answer();
    await Promise.all([closing, once(socket, 'close')]);
    expect(text.join('').match(/^Connection: .*|late$/gm)).toEqual(['Connection: keep-alive', 'Connection: close', 'late']);
  });

  it('closing ends the connections that somebody keeps in reserve, asked or not', async () => {
    const sockets = Array.from({ length: CONNECTIONS }, open);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const asking = sockets[40]!;
    asking.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await once(server, 'request');
    const closing = new Promise((resolve) => server.close(resolve));
    answer();
    await closing;
    expect(accepted).toBe(CONNECTIONS);
  });
});

/** Asks again over one kept connection as soon as it is answered, as a busy proxy does, until it is not answered any more. */
async function askOn(port: number, answered: () => void): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const [response] = (await once(get({ port, host: '127.0.0.1', agent }), 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
  };
  for (;;) {
    try {
      await ask();
    } catch {
      break;
    }
    answered();
  }
  agent.destroy();
}

describe('closing', () => {
  it.each([0, 1, 5, 10])('ends though a connection always has the next request at hand, when %i copies are there', async (copies) => {
    const server = createServer((_request, response) => setImmediate(() => response.end('at once')));
    const copied = acceptBriskly(server, BACKLOG, copies === 0 ? 1 : copies * 2);
    let taken = 0;
    const listen = TcpServer.prototype.listen;
    const spy = jest.spyOn(TcpServer.prototype, 'listen').mockImplementation(function (this: TcpServer, ...args) {
      if (this !== server) taken += 1;
      return Reflect.apply(listen, this, args);
    });
    try {
      server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      let closed: Promise<unknown> | undefined;
      const asking = askOn(port, () => {
        if (taken >= copies) closed ??= new Promise((resolve) => server.close(resolve));
      });
      await asking;
      expect(await closed).toBeUndefined();
      await copied;
      const [error] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
    } finally {
      spy.mockRestore();
    }
  });
});
