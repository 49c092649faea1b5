import { afterAll, beforeAll, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sign } from '../src/crypto/index.js';
import { deliveryOf, entryOf, newIgsid, newMid, textEvent, wireBytes } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { ImpatientMeta } from './support/impatient-meta.js';
import { SilentProxy } from './support/silent-proxy.js';
import { Stage, type TestAccount } from './support/stage.js';

const DELIVERIES = 400;
const ONE_EVERY_MS = 20;
/** Longer than a delivery may wait: with less, the service now and then slips in between and refuses nothing. */
const HELD_MS = 4_000;
/** A commit takes some four answers of the server. */
const SLOW_ANSWER_MS = 500;

/** Takes the file's write lock, unless the service has it at this moment. */
function isHeld(file: Database.Database): boolean {
  try {
    file.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    // Not by its class: the addon has that of whichever of jest's realms loaded it first.
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}

/** Meta drops a subscriber that does not answer in five seconds; and what was refused must not be lost, nor come twice. */
eachDatabase((database) => {
  let stage: Stage;
  let account: TestAccount;
  let proxy: SilentProxy | null = null;

  beforeAll(async () => {
    const { mysql } = database.settings();
    const env: Record<string, string> = { ...database.env, LOG_LEVEL: 'info' };
    if (mysql) {
      proxy = await SilentProxy.to(mysql.host, mysql.port);
      const url = new URL(String(env['MYSQL_URL']));
      url.host = `127.0.0.1:${String(proxy.port)}`;
      env['MYSQL_URL'] = url.href;
    }
    stage = await Stage.open(env);
    account = await stage.addAccount();
  });

  afterAll(async () => {
    await stage.close();
    await proxy?.close();
  });

  /** Commits take seconds while `work` goes on. On SQLite, since somebody else has the file's write lock again and again. */
  async function slowly(work: () => Promise<void>): Promise<void> {
    if (proxy) {
      proxy.slowDown(SLOW_ANSWER_MS);
      await work();
      proxy.slowDown(0);
      return;
    }
    const file = new Database(join(String(database.env['DATA_DIR']), 'instagram-direct.sqlite'), { timeout: 0 });
    const end = new AbortController();
    const holding = (async () => {
      while (!end.signal.aborted) {
        // Not waited for in the driver, which would keep this process from looking at the answers it times.
        if (!isHeld(file)) {
          await delay(2);
          continue;
        }
        await delay(HELD_MS);
        file.exec('COMMIT');
        await delay(300);
      }
    })();
    await work();
    end.abort();
    await holding;
    file.close();
  }

  it('a database that has become slow: every answer in time, some told to come back, everything stored once in the end', async () => {
    const mids = Array.from({ length: DELIVERIES }, newMid);
    const bodies = mids.map((mid) => wireBytes(deliveryOf(entryOf(account.id, [textEvent({ accountId: account.id, person: newIgsid(), mid }, 'hello')]))));
    const meta = new ImpatientMeta((nth) => {
      const body = bodies[nth] ?? Buffer.alloc(0);
      return fetch(stage.addressOf(account), {
        method: 'POST', body: new Uint8Array(body), headers: { 'content-type': 'application/json', 'x-hub-signature-256': sign(body, account.appSecret) },
      });
    });
    const delivered: Promise<void>[] = [];
    await slowly(async () => {
      for (let nth = 0; nth < DELIVERIES; nth++) {
        delivered.push(meta.deliver(nth));
        await delay(ONE_EVERY_MS);
      }
    });
    await Promise.all(delivered);

    expect(meta.slowestMs()).toBeLessThan(5_000);
    const refused = meta.with(503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ retryAfter }) => Number(retryAfter) >= 1)).toBe(true);
    expect(meta.with(200)).toHaveLength(DELIVERIES);
    expect(meta.attempts).toHaveLength(DELIVERIES + refused.length);

    await stage.drained();
    const events = await stage.events(account);
    expect(events.map(({ payload }) => (payload as { message: { mid: string } }).message.mid).toSorted()).toEqual(mids.toSorted());
    expect(new Set(events.map(({ status }) => status))).toEqual(new Set(['processed']));
    const conversations = await stage.service.list<{ messageCount: number }>(`/accounts/${account.id}/conversations`);
    expect(conversations.map(({ messageCount }) => messageCount)).toEqual(Array(DELIVERIES).fill(1));
  }, 120_000);

  it('what was refused is counted by reason, and logged once in a while', async () => {
    const metrics = await fetch(`${stage.service.url}/metrics`, { headers: { authorization: `Bearer ${stage.service.adminKey}` } });
    const counts = [...(await metrics.text()).matchAll(/^instagram_deliveries_refused_total\{reason="\w+"\} (\d+)$/gm)].map((match) => Number(match[1]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    const lines = stage.service.output.split('\n').filter((line) => line.includes('"status":503') || /refused with 503/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(10);
  });
});
