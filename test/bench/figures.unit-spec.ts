import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { barChart } from '../../bench/docs/bar-chart.mjs';
import { lineChart } from '../../bench/docs/line-chart.mjs';
import { benchAccounts } from '../../bench/support/accounts.mjs';
import { interleave, median, ratio } from '../../bench/support/measure.mjs';
import { ReplyBook } from '../../bench/support/replies.mjs';
import { WireClient } from '../../bench/support/wire-client.mjs';

describe('figures of the benchmarks', () => {
  it('every contestant runs once a round, in an order that moves on', async () => {
    const ran: string[] = [];
    await interleave(['a', 'b', 'c'], 3, (name: string) => Promise.resolve(void ran.push(name)));
    expect(ran.join('')).toBe('abcbcacab');
  });

  it('ratios are taken within a round, so that a slow round weighs no more than others', () => {
    const results = new Map([['ours', [90, 9, 88]], ['peer', [100, 10, 110]]]);
    expect(ratio(results, 'ours', 'peer', (figure: number) => figure)).toBeCloseTo(0.9);
    expect(median([3, NaN, 1, 2, 4])).toBe(2.5);
  });

  it('a chart holds a bar for each contestant, and no markup of its labels', () => {
    const svg = barChart({ id: 'x', title: 'a < b', bars: [{ label: 'x & y', values: [1, 3] }, { label: 'ours', values: [2, 2], ours: true }] });
    expect(svg.match(/<rect class="(bar|ours)"/g)).toHaveLength(2);
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('x &amp; y');
  });
});

describe('a chart of lines', () => {
  it('begins at zero, ends above the highest, and leaves out what was not measured', () => {
    const svg = lineChart({ id: 'x', title: 'MiB', across: 'deliveries', lines: [{ label: 'a & b', points: [[0, 10], [5, NaN], [10, 70]] }] });
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain('>80<');
    expect(/<polyline[^>]*points="([^"]*)"/.exec(svg)?.[1]?.split(' ')).toHaveLength(2);
  });
});

describe('the Graph side’s judgement', () => {
  const accounts = benchAccounts(2);
  const [shop, other] = accounts as [(typeof accounts)[number], (typeof accounts)[number]];
  const book = new ReplyBook();
  const send = (nth: number, person: number, account = shop, path = account.id) =>
    book.take({ token: account.accessToken, path, recipient: `9${String(person).padStart(15, '0')}`, text: `Hello (${String(nth)})` });

  it('knows a right reply, a second one, another shop’s token and another person', () => {
    book.expect({ accounts, people: 10, first: 100, count: 4 });
    send(100, 0);
    send(101, 1, other, 'me');
    expect(book.look()).toMatchObject({ answered: 2, again: 0, wrongCount: 0 });
    send(100, 0);
    expect(book.look()).toMatchObject({ answered: 2, again: 1, wrongCount: 0 });
    send(102, 2, other); // person 2 writes to the first shop
    send(103, 1, other); // message 103 is person 3's
    send(102, 2, shop, other.id);
    expect(book.look()).toMatchObject({ answered: 2, again: 1, wrongCount: 3 });
    send(110, 0);
    expect(book.look()).toMatchObject({ answered: 2, unexpected: 1, calls: 7 });
    expect(book.take({ token: 'nobody’s', path: 'me', recipient: '9', text: '' })).toBe(false);
  });
});

describe('the load’s client', () => {
  let server: Server;
  let pieces: (string | null)[] = [];

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('data', () => {
        void (async () => {
          for (const piece of pieces) {
            if (piece === null) return void socket.destroy();
            socket.write(piece);
            await delay(5);
          }
        })();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => {
    server.close();
  });

  const ask = async (client: WireClient, ...given: (string | null)[]): Promise<[number, number]> => {
    pieces = given;
    return await new Promise((resolve) => {
      client.send(Buffer.from('POST / HTTP/1.1\r\n\r\n'), (status: number, retryAfter: number) => {
        resolve([status, retryAfter]);
      });
    });
  };

  it('reads answers whole, in pieces, chunked, refused and broken off', async () => {
    const address = server.address();
    const client = new WireClient('127.0.0.1', typeof address === 'object' && address ? address.port : 0);
    expect(await ask(client, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')).toEqual([200, 0]);
    expect(await ask(client, 'HTTP/1.1 20', '0 OK\r\ncontent-length: 4\r\n', '\r\nab', 'cd')).toEqual([200, 0]);
    expect(await ask(client, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n', '0\r\n\r\n')).toEqual([200, 0]);
    expect(await ask(client, 'HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n')).toEqual([503, 2]);
    expect(await ask(client, 'HTTP/1.1 200 OK\r\nContent-Le', null)).toEqual([0, 0]);
    expect(await ask(client, 'HTTP/1.1 401 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')).toEqual([401, 0]);
    expect(await ask(client, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')).toEqual([200, 0]);
    client.close();
  });
});
