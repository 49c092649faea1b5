import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newId } from '../src/common/new-id.js';
import { parseEnvironment } from '../src/config/index.js';
import { paceLimits } from '../src/messaging/pace/pace-limits.js';
import type { Pace, PaceKind } from '../src/messaging/pace/pace.port.js';
import { RedisPace } from '../src/messaging/pace/redis.pace.js';
import { RedisWindows } from '../src/messaging/pace/redis-windows.js';
import { mostIn, watchLateness } from './support/arrivals.js';
import { onRedis } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { SilentProxy } from './support/silent-proxy.js';

const LIMITS = paceLimits(parseEnvironment({}).limits);

/** On a real Redis: the limits hold over all instances, and Redis going away stops nobody. */
onRedis('The pace over several instances', (redis) => {
  const opened: Pace[] = [];
  let wire: Wire;
  let proxy: SilentProxy;

  beforeAll(async () => {
    wire = await Wire.to(redis);
    const { hostname, port } = new URL(redis);
    proxy = await SilentProxy.to(hostname, Number(port));
  });

  afterEach(() => {
    for (const pace of opened.splice(0)) pace.close();
  });

  afterAll(async () => {
    await wire.close();
    await proxy.close();
  });

  async function instance(address = redis, prefix = `test:${newId()}`): Promise<Pace> {
    const pace = new RedisPace(LIMITS, new RedisWindows(address, LIMITS, prefix));
    opened.push(pace);
    await pace.open();
    return pace;
  }

  async function several(count: number, address = redis): Promise<Pace[]> {
    const prefix = `test:${newId()}`;
    const made: Pace[] = [];
    for (let one = 0; one < count; one++) made.push(await instance(address, prefix));
    // Each hears of the others with its next beat.
    return made;
  }

  /** When each of so many passes was granted, over all instances at once. */
  async function granted(paces: readonly Pace[], each: number, kinds: readonly PaceKind[], account = newId()): Promise<number[]> {
    const times = await Promise.all(paces.flatMap((pace) => Array.from({ length: each }, async () => {
      const pass = await pace.take(account, kinds, 30_000);
      expect(pass.granted).toBe(true);
      return performance.now();
    })));
    return times.sort((a, b) => a - b);
  }

  it('lets four instances together make a hundred sends in any second, and no fewer than that', async () => {
    const lateness = watchLateness();
    const times = await granted(await several(4), 80, ['sends']);
    expect(mostIn(1000 - lateness(), times)).toBeLessThanOrEqual(100);
    expect(times.at(-1)! - times[0]!).toBeLessThan(5000);
  });

  it('counts audio and video by themselves, and accounts apart', async () => {
    const paces = await several(3);
    const lateness = watchLateness();
    const [videos, others] = await Promise.all([granted(paces, 8, ['media', 'sends']), granted(paces, 25, ['sends'])]);
    expect(mostIn(1000 - lateness(), videos)).toBeLessThanOrEqual(10);
    expect(others.at(-1)! - others[0]!).toBeLessThan(1500);
  });

  it('says when an hour’s limit is used up, and lets texts go all the same', async () => {
    const pace = await instance();
    const account = newId();
    for (let reply = 0; reply < 750; reply++) expect(await pace.take(account, ['private_replies'], 1000)).toMatchObject({ granted: true });
    const refused = await pace.take(account, ['private_replies', 'sends'], 1000);
    expect(refused).toMatchObject({ granted: false });
    if (!refused.granted) expect(refused.retryAfterMs).toBeGreaterThan(3_500_000);
    expect(await pace.take(account, ['sends'], 1000)).toMatchObject({ granted: true });
  });

  it('counts no longer what is given back, for any instance', async () => {
    const [one, other] = await several(2);
    const account = newId();
    const passes = [];
    for (let reply = 0; reply < 750; reply++) passes.push(await one!.take(account, ['private_replies'], 1000));
    expect(await other!.take(account, ['private_replies'], 1000)).toMatchObject({ granted: false });
    const [unused] = passes;
    if (unused?.granted) unused.giveBack();
    await eventually('room for one', async () => await other!.take(account, ['private_replies'], 1000), (pass) => pass.granted);
    expect(await one!.take(account, ['private_replies'], 1000)).toMatchObject({ granted: false });
  });

  it('holds over processes, counted by arrival', async () => {
    const arrivals: number[] = [];
    const server = await listen(arrivals);
    const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    const lateness = watchLateness();
    const caller = join(import.meta.dirname, 'support/pace-caller.mjs');
    const account = newId();
    const ends = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, [caller, redis, account, '120', address])));
    server.close();
    expect(arrivals).toHaveLength(360);
    // A caller that did not run between a grant and its call sends late what was granted early.
    const theirs = ends.map(({ stdout }) => (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { worst: number }).worst);
    expect(mostIn(1000 - lateness() - Math.max(...theirs), arrivals)).toBeLessThanOrEqual(100);
  });

  it('goes on at once when Redis is gone, each instance with its share, and together again when it is back', async () => {
    const paces = await several(2, wire.url);
    await eventually('both to know of each other', async () => paces.map((pace) => (pace as unknown as { instances: number }).instances), (known) => known.every((count) => count === 2));
    const account = newId();
    await granted(paces, 10, ['sends'], account);
    wire.cut();
    const began = performance.now();
    const alone = await granted(paces, 70, ['sends'], account);
    expect(alone[0]! - began).toBeLessThan(600);
    // Fifty a second each, of which ten were used before.
    expect(mostIn(500, alone)).toBeLessThanOrEqual(100);
    expect(alone.at(-1)! - began).toBeGreaterThan(1000);
    wire.mend();
    await eventually('Redis to be used again', async () => paces.map((pace) => (pace as unknown as { away: boolean }).away), (away) => away.every((one) => !one));
    const lateness = watchLateness();
    const together = await granted(paces, 70, ['sends'], account);
    // What was let through meanwhile is told, and counts.
    expect(mostIn(1000 - lateness(), [...alone, ...together])).toBeLessThanOrEqual(140);
    expect(mostIn(1000, together)).toBeLessThanOrEqual(100);
  });

  it('does not hang on a Redis that takes questions and answers none', async () => {
    const pace = await instance(wire.url);
    wire.freeze();
    const began = performance.now();
    for (let call = 0; call < 20; call++) expect(await pace.take('a', ['sends'], 3000)).toMatchObject({ granted: true });
    expect(performance.now() - began).toBeLessThan(2000);
    wire.mend();
  });

  it('is counted with the others again within seconds when its connection was lost and new ones are in order', async () => {
    const pace = await instance(`redis://127.0.0.1:${String(proxy.port)}`);
    const isAway = () => (pace as unknown as { away: boolean }).away;
    proxy.loseFlows();
    await eventually('the loss to be noticed', async () => isAway(), (away) => away);
    await eventually('Redis to be used again', async () => isAway(), (away) => !away, 5);
    expect(await pace.take('a', ['sends'], 1000)).toMatchObject({ granted: true });
    expect(isAway()).toBe(false);
  });

  it('starts without Redis', async () => {
    wire.cut();
    const pace = await instance(wire.url);
    expect(await pace.take('a', ['sends'], 1000)).toMatchObject({ granted: true });
    wire.mend();
  });
});

async function listen(arrivals: number[]): Promise<Server> {
  const server = createServer((_, response) => {
    arrivals.push(performance.now());
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A line to Redis that can be cut, or go silent. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private state: 'whole' | 'cut' | 'frozen' = 'whole';

  private constructor(
    private readonly server: TcpServer,
    private readonly port: number,
  ) {}

  static async to(address: string): Promise<Wire> {
    const { hostname, port } = new URL(address);
    const server = createTcpServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = new Wire(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => {
      if (wire.state === 'cut') {
        near.destroy();
        return;
      }
      const far = connect(Number(port), hostname);
      for (const [from, other] of [[near, far], [far, near]] as const) {
        wire.sockets.add(from);
        from.on('data', (chunk: Buffer) => {
          if (wire.state === 'whole') other.write(chunk);
        });
        from.on('error', () => undefined);
        from.on('close', () => {
          wire.sockets.delete(from);
          other.destroy();
        });
      }
    });
    return wire;
  }

  get url(): string {
    return `redis://127.0.0.1:${String(this.port)}`;
  }

  cut(): void {
    this.state = 'cut';
    this.drop();
  }

  freeze(): void {
    this.state = 'frozen';
  }

  /** What was on the line while it was silent is lost: it begins anew. */
  mend(): void {
    this.state = 'whole';
    this.drop();
  }

  async close(): Promise<void> {
    this.drop();
    this.server.close();
    await once(this.server, 'close');
  }

  private drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
