import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { MIGRATIONS } from '../migrations/index.js';
import { openDataSource } from '../src/database/index.js';
import { SCHEMA } from '../src/schema.js';
import { mostIn, watchLateness } from './support/arrivals.js';
import { eachDatabase, onRedis, type TestDatabase } from './support/databases.js';
import { answerTo, Deployment, type Role, type Talk } from './support/deployment.js';
import { eventually } from './support/running-service.js';
import { RestartableRedis } from './support/servers/restartable-redis.mjs';

/** Well above what the tests send: what is tested is not the pace. */
const FAST = { SEND_LIMIT_PER_SECOND: '1000' };

eachDatabase((database) => {
  if (database.name === 'SQLite') {
    it.skip('several processes need a server', () => undefined);
    return;
  }
  onRedis('several instances', () => {
    let redis: RestartableRedis;

    beforeAll(async () => {
      redis = await RestartableRedis.start();
    });

    afterAll(async () => {
      await redis.stop();
    });

    const open = (roles: readonly Role[], more: Readonly<Record<string, string>> = FAST, options = {}) =>
      Deployment.open(database, redis.url, roles, more, options);

    // Four that work, two that receive. One deployment for all of these: to start a process costs more than most of what is tested here.
    describe('of every role', () => {
      let several: Deployment;

      beforeAll(async () => {
        several = await open(['web', 'worker', 'all', 'worker', 'worker']);
      }, 120_000);

      afterAll(async () => {
        await several.close();
      });

      it('start together on an empty database, which one of them migrates; each does what its role says', async () => {
        expect(await migrationsOf(database)).toEqual(MIGRATIONS.map((migration) => migration.name));
        for (const { role, service } of several.services) {
          const status = async (path: string, method = 'GET') => (await fetch(`${service.url}${path}`, { method })).status;
          const health = await eventually(`health of ${role}`, () => healthOf(service.url), ({ details }) => details.queue.bells.includes('Redis'));
          // Web has no loop that could fall silent.
          expect([role, health.status, health.details.queue.workers > 0]).toEqual([role, 'ok', role !== 'web']);
          expect([role, await status('/metrics')]).toEqual([role, 401]);
          const isOpen = role !== 'worker';
          expect([role, await status('/api/v1/accounts')]).toEqual([role, isOpen ? 401 : 404]);
          expect([role, await status('/webhooks/instagram', 'POST')]).toEqual([role, isOpen ? 401 : 404]);
          expect([role, await status('/docs-json')]).toEqual([role, isOpen ? 200 : 404]);
        }
      }, 120_000);

      it('answer each of 1,200 messages once, and in the order of its conversation, and know the echoes', async () => {
        const accounts = [await several.addAccount(), await several.addAccount(), await several.addAccount()];
        const talks = Array.from({ length: 60 }, (_, nth) => several.newTalk(accounts[nth % 3]!));
        await Promise.all(talks.map((talk) => several.write(talk, 20)));
        await several.stage.drained(120);
        expect(await several.wrongs(talks)).toEqual([]);
      }, 240_000);

      it('go on from the database while Redis is flushed, away and back again: nothing lost, nothing twice', async () => {
        const accounts = [await several.addAccount(), await several.addAccount()];
        const talks = Array.from({ length: 12 }, (_, nth) => several.newTalk(accounts[nth % 2]!));
        const during = async (messages: number, what: () => Promise<void>) => {
          await Promise.all([what(), ...talks.map((talk) => several.write(talk, messages, 20))]);
        };
        await during(12, async () => {
          for (let times = 0; times < 6; times++) {
            await delay(40);
            await redis.flush();
          }
        });
        await during(6, () => redis.stop());
        const began = performance.now();
        await Promise.all(talks.map((talk) => several.write(talk, 1)));
        await eventually('every answer while Redis is away', async () => unanswered(several, talks), (left) => left === 0, 20);
        // Of what only the web instance knew, a sweep told the workers.
        expect(performance.now() - began).toBeLessThan(10_000);
        const health = await healthOf(several.stage.service.url);
        expect([health.status, health.details.queue.bells]).toEqual(['ok', 'within this process, since Redis is away']);
        await during(6, () => redis.start());
        await several.stage.drained();
        expect(await several.wrongs(talks)).toEqual([]);
        await eventually('Redis used again', () => healthOf(several.stage.service.url), ({ details }) => details.queue.bells.includes('through Redis'));
      }, 180_000);

      it('take over from one that is killed again and again, while it works or receives', async () => {
        const accounts = [await several.addAccount(), await several.addAccount()];
        const talks = Array.from({ length: 16 }, (_, nth) => several.newTalk(accounts[nth % 2]!));
        let over = false;
        // Not more than they answer on a busy machine: what is tested is not the speed.
        const writing = Promise.all(talks.map(async (talk) => {
          while (!over) await several.write(talk, 1, 1_000);
        }));
        for (const one of [several.of('worker')[0]!, several.of('web')[0]!, several.of('worker')[1]!]) {
          const before = several.meta.accepted.length;
          await eventually('work to be killed in', async () => several.meta.accepted.length, (now) => now > before + 20);
          await several.replace(one);
        }
        over = true;
        await writing;
        await several.stage.drained(90);
        expect(await several.wrongs(talks)).toEqual([]);
      }, 240_000);
    });

    describe('each for one test', () => {
      let deployment: Deployment | null = null;

      afterEach(async () => {
        await deployment?.close();
        deployment = null;
      });

      it('keep the limit of an account together', async () => {
        const several = deployment = await open(['web', 'worker', 'worker', 'worker'], { SEND_LIMIT_PER_SECOND: '20' });
        const account = await several.addAccount();
        const talks = Array.from({ length: 100 }, () => several.newTalk(account));
        const lateness = watchLateness();
        const theirs = await several.watchLateness('worker');
        await Promise.all(talks.map((talk) => several.write(talk, 1)));
        await several.stage.drained();
        const times = several.meta.sends.map(({ at }) => at.getTime());
        expect(times).toHaveLength(100);
        // A worker that did not run between a grant and its call sends late what was granted early.
        const late = await theirs();
        expect(late).toBeLessThan(500);
        expect(mostIn(1000 - lateness() - late, times)).toBeLessThanOrEqual(20);
        // Together they use what there is.
        expect(times.at(-1)! - times[0]!).toBeLessThan(8_000);
      }, 120_000);

      it('look up within seconds what a killed one was sending, and send none of it twice', async () => {
        const several = deployment = await open(['web', 'worker'], FAST, { echo: 'never' });
        const account = await several.addAccount();
        const talks = Array.from({ length: 8 }, () => several.newTalk(account));
        // Half of them have reached Instagram, the others have not; nobody is answered.
        several.meta.failNext({ mode: 'timeout', accepted: true, times: 4 });
        several.meta.failNext({ mode: 'timeout', times: 4 });
        await Promise.all(talks.map((talk) => several.write(talk, 1)));
        await eventually('calls under way', async () => several.meta.sends.length, (calls) => calls >= 4);
        await several.addWorker();
        const sent = several.meta.sends.length;
        await several.of('worker')[0]!.service.kill();
        const at = Date.now();
        const first = await eventually(
          'a look-up', async () => several.meta.calls.find((call) => call.endpoint === 'conversations' && call.at.getTime() > at), (call) => call !== undefined, 20,
        );
        expect(first!.at.getTime() - at).toBeLessThan(10_000);
        // What was not under way goes out; what had reached Instagram does not again.
        several.meta.clearFailures();
        await several.stage.drained(60);
        expect(sent).toBeGreaterThanOrEqual(4);
        expect(await several.wrongs(talks)).toEqual([]);
        expect(Date.now() - at).toBeLessThan(50_000);
      }, 180_000);
    });
  });
});

interface Health {
  readonly status: string;
  readonly details: { readonly queue: { readonly workers: number; readonly bells: string } };
}

async function healthOf(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health;
}

function unanswered(several: Deployment, talks: readonly Talk[]): number {
  const sent = new Set(several.meta.accepted.map((send) => send.text));
  return talks.flatMap((talk) => talk.written).filter((text) => !sent.has(answerTo(text))).length;
}

async function migrationsOf(database: TestDatabase): Promise<string[]> {
  const { dataSource } = await openDataSource(database.settings(), SCHEMA);
  try {
    const rows: { name: string }[] = await dataSource.query('SELECT name FROM migrations ORDER BY id');
    return rows.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}
