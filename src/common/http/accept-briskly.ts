import { fork, type SendHandle } from 'node:child_process';
import type { Server } from 'node:http';
import { Server as TcpServer, type Socket } from 'node:net';

const COPIES = 64;
const HANDED_BACK_WITHIN_MS = 10_000;
const LOOK_FOR_IDLE_EVERY_MS = 200;
/** A connection on which nothing has come by then is one that somebody keeps in reserve. */
const FIRST_WORD_MS = 1_000;
/** Longer than any answer takes, and before the process ends in any case (see `signals.ts`). */
const LAST_ANSWER_MS = 22_000;

/**
 * Node (libuv since 1.45) takes one new connection per listening socket and turn of its event loop. With many deliveries in
 * hand a turn takes long, so a storm of new connections, as a proxy in front makes it when a post goes viral, would wait in
 * the kernel for longer than Meta does, without being read at all, not even to be refused. So the listening socket is watched
 * through copies of it, each of which takes one a turn. Only another process can copy a socket for us: it is handed one, hands
 * it back again and again, and ends. Should it fail, the service works all the same.
 * (More copies would cost each single new connection more than they gain: all of them are woken for it.)
 *
 * To be called before the server listens: it may be told to close as soon as it does. Resolves when the copies are there.
 * @param backlog once more: every copy sets it anew, for all of them
 */
export async function acceptBriskly(server: Server, backlog: number, copies = COPIES): Promise<void> {
  const twins: TcpServer[] = [];
  const closing = closeTogether(server, twins);
  await new Promise((resolve) => server.once('listening', resolve));
  const { _handle: handle } = server as unknown as { _handle: SendHandle };
  const child = fork(new URL('./hand-back.js', import.meta.url), { stdio: 'ignore', execArgv: [], env: {}, timeout: HANDED_BACK_WITHIN_MS, signal: closing });
  child.on('message', (_word, copy) => {
    if (closing.aborted) {
      (copy as unknown as { close: () => void }).close(); // a bare handle: nothing else would ever close it
      return;
    }
    const twin = new TcpServer({ noDelay: true }, (socket) => server.emit('connection', socket));
    twin.on('error', () => undefined); // one that accepts nothing is no loss
    twin.listen(copy, backlog);
    twins.push(twin);
    if (twins.length < copies) child.send('more');
    else child.disconnect();
  });
  child.on('error', () => undefined); // it could not be started, or told, or the server closes
  child.send('first', handle, { keepOpen: true });
  if (child.pid !== undefined) await new Promise((resolve) => child.once('exit', resolve));
}

/**
 * Closing the server means all of them, and is done when the requests that came in through any of them are answered.
 * @returns tells that it has begun; a copy that comes later is not to be used
 */
function closeTogether(server: Server, twins: readonly TcpServer[]): AbortSignal {
  const closing = new AbortController();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // A proxy that always has the next request at hand would keep its connection from ever being idle.
  server.prependListener('request', (_request, response) => {
    if (closing.signal.aborted) response.shouldKeepAlive = false;
  });
  const closeServer = server.close.bind(server);
  server.close = (done) => {
    closing.abort();
    let open = twins.length + 1;
    let failure: Error | undefined;
    const since = performance.now();
    // Node closes those that are idle at this moment. It would keep those that become so with their answer for as long as they may
    // be idle, and those on which nothing was ever asked (browsers and proxies open some in reserve) until the other side ends.
    const looking = setInterval(() => {
      const waited = performance.now() - since;
      server.closeIdleConnections();
      for (const socket of sockets) if (waited > LAST_ANSWER_MS || (waited > FIRST_WORD_MS && socket.bytesRead === 0)) socket.destroy();
    }, LOOK_FOR_IDLE_EVERY_MS);
    const closed = (error?: Error) => {
      failure ??= error;
      open -= 1;
      if (open > 0) return;
      clearInterval(looking);
      done?.(failure);
    };
    for (const twin of twins) {
      twin.close(() => {
        closed();
      });
    }
    return closeServer(closed);
  };
  return closing.signal;
}
