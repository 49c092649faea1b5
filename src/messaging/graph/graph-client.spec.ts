import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parseEnvironment } from '../../config/index.js';
import { GraphClient } from './graph-client.js';

/** Node's server, which says so in its answers (`Keep-Alive: timeout=2`). */
const SERVER_KEEPS_MS = 2_000;

let server: Server;
let client: GraphClient;

beforeEach(async () => {
  server = createServer((_, response) => response.end('{}'));
  server.keepAliveTimeout = SERVER_KEEPS_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new GraphClient(parseEnvironment({ GRAPH_API_BASE_URL: `http://127.0.0.1:${String(port)}`, APP_SECRET_KEY: 'a passphrase of the tests' }));
});
afterEach(async () => {
  client.onApplicationShutdown();
  server.close();
  await once(server, 'close');
});

it('closes an idle connection before the other side does: a call must not meet one that is just being closed', async () => {
  const connected = once(server, 'connection') as Promise<[Socket]>;
  await client.get('me', {}, 'token');
  const [socket] = await connected;
  // "end" comes of the client's side alone.
  const [how] = await Promise.race([once(socket, 'end').then(() => ['client']), once(socket, 'close').then(() => ['server'])]);
  expect(how).toBe('client');
});
