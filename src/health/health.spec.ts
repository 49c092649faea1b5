import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { Clock } from '../common/clock.js';
import { createNestLogger } from '../common/logging/index.js';
import { ShutdownState } from '../common/shutdown-state.js';
import { WorkerPulse } from '../common/worker-pulse.js';
import { Dialect, TransactionRunner, Tx } from '../database/index.js';
import { Backlog, type BacklogReport } from '../messaging/index.js';
import { Doorbell, type Reach } from '../queue/index.js';
import { DatabaseProbeRepository } from './database-probe.repository.js';
import { HealthController } from './health.controller.js';
import { HealthIndicators } from './health.indicators.js';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const never = () => new Promise<never>(() => undefined);

class FakeClock extends Clock {
  at = NOW;
  override now = () => this.at;
}

/** A database that answers as the test says. */
class FakeDatabase extends TransactionRunner {
  answer: () => Promise<void> = () => Promise.resolve();
  asked = 0;
  override run = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => this.read(work);
  override write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => this.read(work);
  override read = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    this.asked++;
    await this.answer();
    return await work(new Tx());
  };
}

describe('health', () => {
  let app: NestExpressApplication;
  let database: FakeDatabase;
  let clock: FakeClock;
  let uptimeMs: number;
  let doorbell: { reach: Reach };
  let report: () => Promise<BacklogReport>;

  beforeEach(async () => {
    database = new FakeDatabase();
    clock = new FakeClock();
    uptimeMs = 0;
    doorbell = { reach: 'redis' };
    report = () =>
      Promise.resolve({
        inbox: { depth: 250_000, oldestAt: new Date(NOW.getTime() - 3_600_000) },
        outbox: { depth: 0, oldestAt: null },
        unsettled: { sending: { depth: 0, oldestAt: null }, uncertain: { depth: 0, oldestAt: null } },
        deadTokens: 3,
        pausedAccounts: 1,
        troubled: { token: 4, subscription: 5 },
      });
    const module = await Test.createTestingModule({
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [
        HealthIndicators,
        ShutdownState,
        { provide: WorkerPulse, useValue: new WorkerPulse(() => uptimeMs) },
        { provide: DatabaseProbeRepository, useValue: { ping: () => Promise.resolve() } },
        { provide: TransactionRunner, useValue: database },
        { provide: Dialect, useValue: {} },
        { provide: Backlog, useValue: { report: () => report() } },
        { provide: Doorbell, useValue: doorbell },
        { provide: Clock, useValue: clock },
      ],
    })
      .setLogger(createNestLogger('silent'))
      .compile();
    app = module.createNestApplication();
    await app.init();
  });

  afterEach(async () => {
    await app.close();
  });

  const get = (path: string) => request(app.getHttpServer()).get(path);

  it('is green, and shows a long queue and dead tokens without turning red', async () => {
    const answer = await get('/health');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'ok',
      details: {
        database: { status: 'up' },
        queue: { status: 'up' },
        backlog: {
          status: 'up',
          inbox: { depth: 250_000, oldestSeconds: 3600 },
          outbox: { depth: 0, oldestSeconds: 0 },
          deadTokens: 3,
          pausedAccounts: 1,
          troubledAccounts: { token: 4, subscription: 5 },
        },
      },
    });
  });

  it('is red when the database is away, without saying where it lives', async () => {
    database.answer = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:3306 as root'));
    report = () => database.read(() => report());
    const answer = await get('/health');
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({
      status: 'error',
      details: { database: { status: 'down', message: 'cannot be reached' }, queue: { status: 'up' } },
    });
    expect(answer.text).not.toMatch(/10\.0\.0\.7|ECONNREFUSED|root/);
  });

  it('answers within two seconds when the database hangs, and does not ask it again for every probe', async () => {
    database.answer = never;
    report = never;
    const started = performance.now();
    const answers = await Promise.all([get('/health'), get('/health'), get('/health')]);
    expect(performance.now() - started).toBeLessThan(2000);
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({
        details: { database: { status: 'down', message: 'does not answer in time' } },
      });
    }
    expect(database.asked).toBe(1);
    expect((await get('/health/live')).status).toBe(200);
  });

  it('is red when a worker has been silent for longer than it may', async () => {
    const pulse = app.get(WorkerPulse);
    pulse.expect('inbox sweeper', 30_000);
    uptimeMs = 29_000;
    clock.at = new Date(NOW.getTime() + 3_600_000); // somebody has set it
    expect((await get('/health')).status).toBe(200);
    uptimeMs = 31_000;
    clock.at = NOW;
    const red = await get('/health');
    expect(red.status).toBe(503);
    expect(red.body).toMatchObject({
      details: { queue: { status: 'down', message: 'no sign of life from: inbox sweeper' } },
    });
    pulse.beat('inbox sweeper');
    expect((await get('/health')).status).toBe(200);
  });

  it('shows a Redis that is away, and stays green: the work goes on from the database', async () => {
    expect((await get('/health')).body).toMatchObject({ details: { queue: { bells: 'for all instances, through Redis' } } });
    doorbell.reach = 'redis_away';
    const answer = await get('/health');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ details: { queue: { status: 'up', bells: 'within this process, since Redis is away' } } });
  });

  it('is not ready from the moment shutdown begins, and stays alive', async () => {
    expect((await get('/health/ready')).status).toBe(200);
    app.get(ShutdownState).begin();
    expect((await get('/health/ready')).status).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
  });
});
