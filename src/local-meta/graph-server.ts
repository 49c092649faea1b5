import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { GraphAnswer } from './graph-error.js';

export interface GraphRequest {
  readonly method: string;
  /** Without the version: `['me', 'messages']`. */
  readonly path: readonly string[];
  readonly version: string | null;
  readonly query: URLSearchParams;
  readonly token: string | null;
  /** True when the token stood in the URL, where only the refresh call may have it. */
  readonly tokenInUrl: boolean;
  readonly body: unknown;
}

/** What becomes of the connection: an answer, silence, or a reset. */
export type Reaction = GraphAnswer | 'silence' | 'reset';

/** HTTP around the Graph stand-in: reads requests, writes what the handler gives. */
export class GraphServer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async listen(port: number, handle: (request: GraphRequest) => Promise<Reaction>): Promise<GraphServer> {
    const server = createServer((request, response) => {
      void answer(request, response, handle);
    });
    // Longer than any client keeps an idle connection: a reset must be one that was ordered.
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const self = new GraphServer(server, (server.address() as AddressInfo).port);
    server.on('connection', (socket) => {
      self.sockets.add(socket);
      socket.once('close', () => self.sockets.delete(socket));
    });
    return self;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy(); // some wait for an answer they were never to get
    await closed;
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: GraphRequest) => Promise<Reaction>,
): Promise<void> {
  let reaction: Reaction;
  try {
    reaction = await handle(await read(request));
  } catch (error) {
    reaction = { status: 500, headers: {}, body: `The local Meta failed: ${String(error)}` };
  }
  if (reaction === 'silence') return;
  if (reaction === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  const isText = typeof reaction.body === 'string';
  const body = isText ? String(reaction.body) : JSON.stringify(reaction.body);
  response.writeHead(reaction.status, {
    'content-type': isText ? 'text/html' : 'application/json; charset=UTF-8',
    'content-length': String(Buffer.byteLength(body)),
    ...reaction.headers,
  });
  response.end(body);
}

async function read(request: IncomingMessage): Promise<GraphRequest> {
  const url = new URL(request.url ?? '/', 'http://local-meta');
  const path = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const version = /^v\d+\.\d+$/.test(path[0] ?? '') ? (path.shift() ?? null) : null;
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
  const inUrl = url.searchParams.get('access_token');
  return {
    method: request.method ?? 'GET',
    path,
    version,
    query: url.searchParams,
    token: bearer ?? inUrl,
    tokenInUrl: inUrl !== null,
    body: await readBody(request),
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return Object.fromEntries(new URLSearchParams(text)); // Meta takes forms too
  }
}
