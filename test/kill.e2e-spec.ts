import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deliveryOf, entryOf, newIgsid, textEvent } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

const DELIVERIES = 2000;
const ACCOUNTS = 4;
const PEOPLE = 50;

eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
  });

  afterAll(async () => {
    await stage.close();
  });

  it('kill -9 in the middle of a burst: every acknowledged delivery is there once and is answered once', async () => {
    const accounts: TestAccount[] = [];
    for (let count = 0; count < ACCOUNTS; count++) accounts.push(await stage.addAccount());
    for (const account of accounts) await stage.addRule(account, { responseTemplate: 'answer to {{ text }}' });
    const conversations = accounts.flatMap((account) => Array.from({ length: PEOPLE }, () => ({ account, person: newIgsid() })));

    const began = Date.now();
    const burst = Array.from({ length: DELIVERIES }, async (_, index) => {
      const { account, person } = conversations[index % conversations.length]!;
      const item = textEvent({ accountId: account.id, person, at: new Date(began + index) }, `message ${String(index)}`);
      // Meta delivers again only what was not answered 200: what the first process acknowledged comes once.
      const posted = await stage.meta.deliverUntilAccepted(account.id, deliveryOf(entryOf(account.id, [item])), 30);
      return posted.status;
    });
    // Twice: the second time while what the first process was sending is still being settled.
    for (const part of [500, 1000]) {
      await eventually('a part of the burst', async () => stage.meta.counts.answers[200] ?? 0, (acknowledged) => acknowledged >= part, 60);
      await stage.killAndRestart();
    }

    expect(new Set(await Promise.all(burst))).toEqual(new Set([200]));
    await eventually('every reply', async () => stage.meta.counts.accepted, (accepted) => accepted >= DELIVERIES, 120);
    await stage.drained(90);

    const expected = Array.from({ length: DELIVERIES }, (_, index) => `answer to message ${String(index)}`);
    expect(stage.meta.accepted.map((send) => send.text ?? '').sort()).toEqual(expected.sort());
    for (const [first, { account, person }] of conversations.entries()) {
      const messages = await stage.messages(account, person);
      const wanted = Array.from({ length: DELIVERIES / conversations.length }, (_, nth) => `message ${String(first + nth * conversations.length)}`);
      const inbound = messages.filter((message) => message.direction === 'inbound').map((message) => message.text);
      const outbound = messages.filter((message) => message.direction === 'outbound');
      expect(inbound.sort()).toEqual([...wanted].sort());
      expect(outbound.map((message) => `${message.status} ${message.text ?? ''}`).sort()).toEqual(wanted.map((text) => `sent answer to ${text}`).sort());
    }
  }, 300_000);
});
