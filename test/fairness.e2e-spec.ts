import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { Dialect, openDataSource } from '../src/database/index.js';
import { SCHEMA } from '../src/schema.js';
import { mostIn, watchTurns } from './support/arrivals.js';
import { eachDatabase } from './support/databases.js';
import { fillMessages, fillOutbox } from './support/outbox-rows.js';
import { Stage, type TestAccount } from './support/stage.js';

const BACKLOG = 20_000;
const CONVERSATIONS = 2_000;
const WATCHED_MS = 10_000;
const MOST_MESSAGES = 25;
/** Less than even a slow machine makes without it. */
const LIMIT_PER_SECOND = 40;

/** A busy shop has queued for hours; a quiet one answers one customer. The quiet one's message must not notice. */
eachDatabase((database) => {
  let stage: Stage;
  let dataSource: DataSource;
  let dialect: Dialect;
  let busy: TestAccount;
  let quiet: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, SEND_LIMIT_PER_SECOND: String(LIMIT_PER_SECOND) });
    const opened = await openDataSource(database.settings(), SCHEMA);
    ({ dataSource } = opened);
    dialect = new Dialect(opened.kind);
    // The service writes to the same file.
    if (dialect.isSqlite) await dataSource.query('PRAGMA busy_timeout = 10000');
    busy = await stage.addAccount();
    quiet = await stage.addAccount();
  }, 120_000);

  afterAll(async () => {
    await dataSource.destroy();
    await stage.close();
  });

  it('20,000 queued for one account and one message for another: the other’s leaves within a second; the first keeps to its rate', async () => {
    // A customer for each message: one conversation's messages wait for each other.
    const customers: string[] = [];
    for (let count = 0; count < MOST_MESSAGES; count++) customers.push((await stage.write(quiet, 'hello')).person);
    await stage.quiet(quiet);
    const createdAt = new Date();
    const sendBefore = new Date(createdAt.getTime() + 3_600_000);
    const queued = Array.from({ length: BACKLOG }, (_, index) => ({
      accountId: busy.id, conversation: String(1_000_000 + (index % CONVERSATIONS)), createdAt, sendBefore, messageId: randomUUID(), text: String(index),
    }));
    // In one transaction: nothing is sent before all of it stands, and this process has its hands free for Meta's part.
    await dataSource.transaction(async (manager) => {
      for (const fill of [fillMessages, fillOutbox]) await fill(manager, dialect, BACKLOG, (index) => queued[index]!);
    });
    const turns = watchTurns();
    const began = Date.now();
    const waits: number[] = [];
    while (Date.now() < began + WATCHED_MS && waits.length < MOST_MESSAGES) {
      const text = `to the quiet shop's customer ${String(waits.length)}`;
      const asked = Date.now();
      const answer = await stage.service.api('POST', `/accounts/${quiet.id}/messages`, { recipientId: customers[waits.length], text });
      expect(answer.status).toBe(202);
      waits.push((await arrival(text)) - asked);
      await delay(500);
    }
    const arrivals = stage.meta.sends.filter((send) => send.accountId === busy.id).map((send) => send.at.getTime());
    // It was under way all the time: as fast as it may, nearly, or the other would have had nothing to wait for.
    const watched = arrivals.filter((at) => at >= began && at < began + WATCHED_MS);
    expect(watched.length).toBeGreaterThan((LIMIT_PER_SECOND / 2) * (WATCHED_MS / 1000));
    // This process may have been busy when one came: it counts from when it may have come, and most of the time it was not.
    const surely = mostIn(1000, arrivals, turns());
    expect(surely).toBeLessThanOrEqual(LIMIT_PER_SECOND);
    expect(surely).toBeGreaterThan(LIMIT_PER_SECOND / 2);
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThan(1000);
    inOrder();
  }, 180_000);

  /** When the send with this text reached Meta. */
  async function arrival(text: string): Promise<number> {
    for (;;) {
      const send = stage.meta.sends.find((one) => one.accountId === quiet.id && one.text === text);
      if (send) return send.at.getTime();
      await delay(5);
    }
  }

  function inOrder(): void {
    const last = new Map<string, number>();
    for (const send of stage.meta.sends.filter((one) => one.accountId === busy.id)) {
      const index = Number(send.text);
      expect(index).toBeGreaterThan(last.get(send.recipientId ?? '') ?? -1);
      last.set(send.recipientId ?? '', index);
    }
  }
});
