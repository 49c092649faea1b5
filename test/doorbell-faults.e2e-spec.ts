import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { newId } from '../src/common/new-id.js';
import { RedisLine } from '../src/queue/redis-line.js';
import { BellBed, answering, count, desk, type Run } from './support/bell-bed.js';
import { onRedis } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { SilentProxy } from './support/silent-proxy.js';

/** On a real Redis, through a way that lies. */
onRedis('Bells through BullMQ when the way to Redis fails unannounced', (shared) => {
  const bed = new BellBed(shared);
  let proxy: SilentProxy;
  let throughProxy: string;

  beforeAll(async () => {
    const { hostname, port } = new URL(shared);
    proxy = await SilentProxy.to(hostname, Number(port));
    throughProxy = `redis://127.0.0.1:${String(proxy.port)}`;
  });

  afterEach(async () => {
    await bed.close();
  });

  afterAll(async () => {
    await proxy.close();
  });

  it('fetches bells again within seconds when all its connections were lost and new ones are in order', async () => {
    const runs: Run[] = [];
    const id = newId();
    const worker = answering(await bed.instance(id, { url: throughProxy }), desk(runs, 'worker'));
    const web = await bed.instance(id);
    // By lane: that one has run may get lost with the flows, and then it runs once more, which does no harm.
    const runsOf = (lane: number) =>
      eventually(`a run of lane ${String(lane)}`, async () => runs.filter((run) => run.lane === lane), (found) => found.length > 0, 10);
    web.ring('inbox', 1);
    await runsOf(1);
    proxy.loseFlows();
    web.ring('inbox', 2);
    expect(await runsOf(2)).toContainEqual({ instance: 'worker', lane: 2, elsewhere: true });
    await eventually('its own line again', async () => worker.reach, (reach) => reach === 'redis', 10);
    worker.ring('inbox', 3);
    expect(await runsOf(3)).toContainEqual({ instance: 'worker', lane: 3, elsewhere: true });
  });

  it('rings for all though Redis stalled when the queues first asked it something', async () => {
    const runs: Run[] = [];
    const id = newId();
    answering(await bed.instance(id), desk(runs, 'worker'));
    proxy.fallSilent(); // so that it is not ready before it is watched
    let stalled = false;
    const stallWhenReady = (app: INestApplicationContext): void => {
      const { redis } = app.get(RedisLine, { strict: false });
      redis.once('ready', () => {
        stalled = true;
        proxy.slowDown(700);
        redis.once('close', () => {
          proxy.slowDown(0);
        });
      });
      proxy.speakAgain();
    };
    const web = await bed.instance(id, { url: throughProxy, made: stallWhenReady });
    expect(stalled).toBe(true);
    web.ring('inbox', 5);
    await count('the run elsewhere', runs, 1);
    expect(runs).toEqual([{ instance: 'worker', lane: 5, elsewhere: true }]);
    expect(web.reach).toBe('redis');
  });

  it('stops within seconds when Redis falls silent at that moment, with a bell in hand', async () => {
    const runs: Run[] = [];
    let release: () => void = () => undefined;
    const held = new Map([[1, new Promise<void>((resolve) => (release = resolve))]]);
    const bell = answering(await bed.instance(newId(), { url: throughProxy }), desk(runs, 'worker', held));
    bell.ring('inbox', 1);
    await count('the lane in hand', runs, 1);
    expect(runs[0]).toMatchObject({ elsewhere: true });
    proxy.fallSilent();
    const began = performance.now();
    const closed = bed.close();
    release();
    await closed;
    expect(performance.now() - began).toBeLessThan(5_000);
    proxy.speakAgain();
  });
});
