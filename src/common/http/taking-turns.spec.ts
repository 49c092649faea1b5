import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { TakingTurns } from './taking-turns.js';

const MANY = 1_000;
const REQUEST = 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}';

/** Notes in `read` when it is read again. */
function socketOf(nth: number, read: number[]) {
  const handle = { stopped: false, readStop: () => { handle.stopped = true; }, readStart: () => { handle.stopped = false; read.push(nth); } };
  return { socket: { _handle: handle } as unknown as Socket, handle };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('connections that were refused', () => {
  it('are not read until their turn: few in each, the first to be refused first', async () => {
    const turns = new TakingTurns();
    const read: number[] = [];
    const all = Array.from({ length: MANY }, (_, nth) => socketOf(nth, read));
    for (const { socket } of all) turns.readLater(socket);
    expect(all.every(({ handle }) => handle.stopped)).toBe(true);
    let most = 0;
    for (let before = 0; read.length < MANY; before = read.length) {
      await turn();
      most = Math.max(most, read.length - before);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(MANY / 10);
    expect(read).toEqual(read.toSorted((a, b) => a - b));
    // And once more, after there was nobody.
    const late = socketOf(MANY, read);
    turns.readLater(late.socket);
    await turn();
    expect(late.handle.stopped).toBe(false);
  });

  it('a turn that took long is not followed by one of all that wait', async () => {
    const turns = new TakingTurns();
    const read: number[] = [];
    for (let nth = 0; nth < MANY; nth++) turns.readLater(socketOf(nth, read).socket);
    const until = performance.now() + 1_000;
    while (performance.now() < until);
    await turn();
    expect(read.length).toBeGreaterThan(0);
    expect(read.length).toBeLessThan(MANY / 10);
  });

  it('but whoever has waited for long does not wait for that', async () => {
    const turns = new TakingTurns();
    const read: number[] = [];
    for (let nth = 0; nth < MANY; nth++) turns.readLater(socketOf(nth, read).socket);
    const until = performance.now() + 2_600;
    while (performance.now() < until);
    await turn();
    expect(read).toHaveLength(800);
  });

  it('one that hangs up meanwhile is passed over', async () => {
    const turns = new TakingTurns();
    const read: number[] = [];
    const [gone, there] = [socketOf(0, read), socketOf(1, read)];
    for (const { socket } of [gone, there]) turns.readLater(socket);
    Object.assign(gone.socket, { _handle: null });
    turns.readLater({ _handle: null } as unknown as Socket);
    await turn();
    expect(read).toEqual([1]);
  });

  it('are unread since they were refused when they are read again, and no longer in the turn after', async () => {
    const turns = new TakingTurns();
    const [first, other] = [socketOf(0, []), socketOf(1, [])];
    const before = performance.now();
    turns.readLater(first.socket);
    const after = performance.now();
    expect(turns.unreadSince(first.socket)).toBeUndefined(); // nothing has come of it since
    await turn();
    expect(turns.unreadSince(first.socket)).toBeGreaterThanOrEqual(before);
    expect(turns.unreadSince(first.socket)).toBeLessThanOrEqual(after);
    expect(turns.unreadSince(other.socket)).toBeUndefined();
    await turn();
    expect(turns.unreadSince(first.socket)).toBeUndefined();
  });

  it("Node's server does not read on by itself: neither when it is answered, nor when its body has come", async () => {
    const turns = new TakingTurns();
    const ahead: number[] = [];
    const whenAsked: number[] = [];
    const unread: boolean[] = [];
    const server = createServer((request, response) => {
      unread.push(turns.unreadSince(request.socket) !== undefined);
      whenAsked.push(ahead.length);
      for (let nth = 0; nth < MANY; nth++) turns.readLater(socketOf(nth, ahead).socket);
      turns.readLater(request.socket);
      response.writeHead(503).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    for (let asked = 0; asked < 3; asked++) {
      client.write(REQUEST);
      await once(client, 'data');
    }
    expect(whenAsked).toEqual([0, MANY, 2 * MANY]);
    expect(unread).toEqual([false, true, true]);
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
