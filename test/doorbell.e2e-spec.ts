import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '../src/common/new-id.js';
import type { Doorbell, LaneHandler } from '../src/queue/index.js';
import { BellBed, answering, count, desk, type Run } from './support/bell-bed.js';
import { onRedis } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { RestartableRedis } from './support/servers/restartable-redis.mjs';
import { SilentProxy } from './support/silent-proxy.js';

/** On a real Redis, through the module as the service has it: several instances in one process. */
onRedis('Bells through BullMQ', (shared) => {
  const bed = new BellBed(shared);
  let own: RestartableRedis;

  beforeAll(async () => {
    own = await RestartableRedis.start();
  });

  afterEach(async () => {
    await bed.close();
  });

  afterAll(async () => {
    await own.stop();
  });

  const instance = (installation: string, url = shared, reach = 'redis'): Promise<Doorbell> => bed.instance(installation, { url, reach });

  it('brings a worker to what another process has rung for, and says that it was another', async () => {
    const runs: Run[] = [];
    const id = newId();
    answering(await instance(id), desk(runs, 'worker'));
    (await instance(id)).ring('inbox', 17);
    await count('the run', runs, 1);
    expect(runs).toEqual([{ instance: 'worker', lane: 17, elsewhere: true }]);
  });

  it('merges the bells of a lane that waits, and follows up on one that is being worked on exactly once', async () => {
    const runs: Run[] = [];
    const id = newId();
    let release: () => void = () => undefined;
    const held = new Map([[3, new Promise<void>((resolve) => (release = resolve))]]);
    const ringer = await instance(id);
    for (let ring = 0; ring < 5; ring++) {
      ringer.ring('inbox', 3);
      await delay(2); // so that they are not merged before they are sent
    }
    answering(await instance(id), desk(runs, 'a', held));
    answering(await instance(id), desk(runs, 'b', held));
    await count('the first run', runs, 1);
    for (let ring = 0; ring < 3; ring++) {
      ringer.ring('inbox', 3);
      await delay(20);
    }
    expect(runs).toHaveLength(1); // neither instance takes it up beside the other
    release();
    await count('the run that follows', runs, 2);
    ringer.ring('inbox', 4);
    await eventually('what is rung after it', async () => runs.map((run) => run.lane), (lanes) => lanes.includes(4));
    expect(runs.map((run) => run.lane)).toEqual([3, 3, 4]);
  });

  it('loses no work and gives no lane to two, with four workers and many bells', async () => {
    const id = newId();
    const waiting = new Map<number, number>();
    const busy = new Set<number>();
    let together = 0;
    const handler: LaneHandler = async (lane) => {
      if (busy.has(lane)) together++;
      busy.add(lane);
      const seen = waiting.get(lane) ?? 0; // what a transaction saw when it began
      await delay(Math.random() * 4);
      waiting.set(lane, (waiting.get(lane) ?? 0) - seen);
      busy.delete(lane);
    };
    for (let worker = 0; worker < 4; worker++) answering(await instance(id), handler);
    const ringers = [await instance(id), await instance(id)];
    for (let ring = 0; ring < 3_000; ring++) {
      const lane = ring % 16;
      waiting.set(lane, (waiting.get(lane) ?? 0) + 1);
      ringers[ring % 2]!.ring('inbox', lane);
      if (ring % 20 === 0) await delay(1);
    }
    await eventually('no work left', async () => [...waiting.values()], (left) => left.every((one) => one === 0), 20);
    expect(together).toBe(0);
  }, 60_000);

  it('keeps installations that share a Redis apart', async () => {
    const [mine, others]: [Run[], Run[]] = [[], []];
    const id = newId();
    answering(await instance(id), desk(mine, 'mine'));
    answering(await instance(newId()), desk(others, 'other'));
    const ringer = await instance(id);
    for (let lane = 0; lane < 8; lane++) ringer.ring('inbox', lane);
    await count('my own bells', mine, 8);
    expect(others).toEqual([]);
  });

  it('rings here without asking Redis where this process answers, and for the others where it does not', async () => {
    const runs: Run[] = [];
    const id = newId();
    const worker = answering(await instance(id), desk(runs, 'worker'), 'outbox');
    worker.ringHere('outbox', 1);
    await count('the run here', runs, 1);
    expect(runs[0]).toEqual({ instance: 'worker', lane: 1, elsewhere: false });
    (await instance(id)).ringHere('outbox', 2);
    await count('the run elsewhere', runs, 2);
    expect(runs[1]).toEqual({ instance: 'worker', lane: 2, elsewhere: true });
  });

  it('gives what it has not begun to the others when it stops', async () => {
    const runs: Run[] = [];
    const id = newId();
    let release: () => void = () => undefined;
    const lanes = [0, 1, 2, 3];
    const held = new Map(lanes.map((lane) => [lane, new Promise<void>((resolve) => (release = ((before) => () => { before(); resolve(); })(release)))]));
    const stopping = answering(await instance(id), desk(runs, 'stopping', held));
    for (const lane of lanes) stopping.ring('inbox', lane);
    await count('its hands full', runs, 4);
    stopping.ringHere('inbox', 9); // waits behind them
    const stopped = stopping.stop();
    answering(await instance(id), desk(runs, 'staying'));
    await eventually('the other', async () => runs, (all) => all.some((run) => run.lane === 9), 10);
    expect(runs.find((run) => run.lane === 9)?.instance).toBe('staying');
    release();
    await stopped;
  });

  it('leaves to the others what is rung while it finishes what it has in hand', async () => {
    const runs: Run[] = [];
    const id = newId();
    let release: () => void = () => undefined;
    const held = new Map([[0, new Promise<void>((resolve) => (release = resolve))]]);
    const stopping = answering(await instance(id), desk(runs, 'stopping', held));
    const web = await instance(id);
    web.ring('inbox', 0);
    await count('the lane in hand', runs, 1);
    const stopped = stopping.stop();
    for (let lane = 1; lane <= 20; lane++) web.ring('inbox', lane);
    answering(await instance(id), desk(runs, 'staying'));
    await count('the other', runs, 21);
    expect(runs.filter((run) => run.instance === 'stopping')).toHaveLength(1);
    release();
    await stopped;
  });

  it('swallows nothing when it stops in the middle of many bells', async () => {
    const runs: Run[] = [];
    const id = newId();
    const stopping = answering(await instance(id), desk(runs, 'stopping'));
    const web = await instance(id);
    let stopped: Promise<void> | null = null;
    for (let lane = 0; lane < 300; lane++) {
      web.ring('inbox', lane);
      if (lane % 5 === 0) await delay(1); // so that they are fetched while more are rung
      if (runs.length >= 100) stopped ??= stopping.stop();
    }
    await (stopped ?? stopping.stop());
    answering(await instance(id), desk(runs, 'staying'));
    await eventually('every lane', async () => new Set(runs.map((run) => run.lane)).size, (lanes) => lanes === 300, 10);
  });

  it('goes on by itself at once when Redis is gone, and with the others again when it is back, empty', async () => {
    const [a, b]: [Run[], Run[]] = [[], []];
    const id = newId();
    const first = answering(await instance(id, own.url), desk(a, 'a'));
    const second = answering(await instance(id, own.url), desk(b, 'b'));
    const web = await instance(id, own.url);
    await own.stop();
    const began = performance.now();
    first.ring('inbox', 1);
    web.ring('inbox', 2); // nobody hears it, and nobody is held up by it
    await count('the run here', a, 1);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(a).toEqual([{ instance: 'a', lane: 1, elsewhere: false }]);
    await own.start();
    for (const bell of [first, second, web]) await eventually('Redis again', async () => bell.reach, (reach) => reach === 'redis', 10);
    // Whoever is free comes: the workers may take a moment longer to be back.
    web.ring('inbox', 5);
    await eventually('somebody comes', async () => [...a, ...b], (all) => all.some((run) => run.lane === 5), 10);
  }, 60_000);

  it('answers what is rung after FLUSHALL, in the middle of a run too', async () => {
    const runs: Run[] = [];
    const id = newId();
    let release: () => void = () => undefined;
    const held = new Map([[1, new Promise<void>((resolve) => (release = resolve))]]);
    answering(await instance(id, own.url), desk(runs, 'worker', held));
    const web = await instance(id, own.url);
    web.ring('inbox', 1);
    await count('the run', runs, 1);
    await own.flush();
    web.ring('inbox', 1);
    web.ring('inbox', 2);
    await eventually('the next bell', async () => runs, (all) => all.some((run) => run.lane === 2), 10);
    release();
    await eventually('the lane of the run again', async () => runs.filter((run) => run.lane === 1), (again) => again.length === 2, 10);
  });

  it('does not wait for a Redis that takes everything and says nothing', async () => {
    const runs: Run[] = [];
    const proxy = await SilentProxy.to('127.0.0.1', own.port);
    const bell = answering(await instance(newId(), `redis://127.0.0.1:${String(proxy.port)}`), desk(runs, 'alone'));
    proxy.fallSilent();
    const began = performance.now();
    bell.ring('inbox', 1);
    expect(performance.now() - began).toBeLessThan(50);
    await count('the run here', runs, 1);
    expect(performance.now() - began).toBeLessThan(1_500);
    const again = performance.now();
    bell.ring('inbox', 2);
    await count('the next, at once', runs, 2);
    expect(performance.now() - again).toBeLessThan(100);
    await bed.closeLast();
    await proxy.close();
  });

  it('starts, rings and stops without Redis', async () => {
    const runs: Run[] = [];
    const bell = answering(await instance(newId(), 'redis://127.0.0.1:1', 'redis_away'), desk(runs, 'alone'));
    bell.ring('inbox', 7);
    await count('the run', runs, 1);
    const began = performance.now();
    await bed.closeLast();
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
