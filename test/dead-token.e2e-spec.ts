import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { deliveryOf, entryOf, newIgsid, textEvent, type MessagingItem } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

const MINUTE = 60_000;
/** Replies that wait when the token dies: `DEAD_TOKEN_QUEUED=5000 npm run test:e2e -- test/dead-token`. */
const GIVEN = Number(process.env.DEAD_TOKEN_QUEUED ?? 0);
const EACH = 10;
/** Who write in one delivery: Meta puts a thousand updates in one. */
const AT_ONCE = 100;
const A_HANDFUL = 5;
const SILENCE_MS = 5_000;

interface Health {
  readonly details: {
    readonly backlog: { readonly inbox: { readonly depth: number }; readonly outbox: { readonly depth: number }; readonly deadTokens: number };
  };
}

eachDatabase((database) => {
  const queued = GIVEN > 0 ? GIVEN : database.name === 'SQLite' ? 5_000 : 500;
  const people: string[] = [];
  const latecomers = Array.from({ length: 20 }, newIgsid);
  let stage: Stage;
  let account: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, SEND_LIMIT_PER_SECOND: '1000' }, { echo: 'never' });
    account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 're: {{ text }}' });
    await tokenIs('valid');
  });

  afterAll(async () => {
    await stage.close();
  });

  const view = async () => (await stage.service.api<{ tokenStatus: string; problems?: unknown[] }>('GET', `/accounts/${account.id}`)).body;
  const tokenIs = (status: string) => eventually(`a token that is ${status}`, view, ({ tokenStatus }) => tokenStatus === status);
  const backlog = async () => ((await (await fetch(`${stage.service.url}/health`)).json()) as Health).details.backlog;
  /** Every message has its reply, waiting or sent. */
  const isDecided = ({ inbox, outbox }: Health['details']['backlog']) =>
    inbox.depth === 0 && outbox.depth + stage.meta.accepted.length >= people.length * EACH;
  const words = Array.from({ length: EACH }, (_, index) => String(index));

  async function write(items: readonly MessagingItem[]): Promise<void> {
    expect((await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, items)))).status).toBe(200);
  }
  const textsAt = (persons: readonly string[], texts: readonly string[], began: number) =>
    texts.flatMap((text, index) => persons.map((person) => textEvent({ accountId: account.id, person, at: new Date(began + index) }, text)));

  it('a token dies with thousands queued: a handful of calls, then silence', async () => {
    // Meta asks for a pause, so that they wait when it happens, and no call is under way: each of those would be refused too.
    stage.meta.failNext({ accountId: account.id, code: 80002, regainMinutes: 30 });
    for (let waiting = 0; waiting < queued; ) {
      const more = Array.from({ length: Math.min(AT_ONCE, Math.ceil((queued - waiting) / EACH)) }, newIgsid);
      people.push(...more);
      await write(textsAt(more, words, Date.now()));
      waiting = (await eventually('replies to all that was written', backlog, isDecided, 120)).outbox.depth;
    }
    const [callsBefore, sentBefore] = [stage.meta.calls.length, stage.meta.accepted.length];
    stage.meta.revokeToken(account.accessToken, 460);
    await stage.service.api('PATCH', `/accounts/${account.id}`, { status: 'active' });
    await tokenIs('invalid');
    // In time now, and too late before anybody has stored a new token.
    await write(textsAt(latecomers, ['late'], Date.now() - 60 * MINUTE + 12_000));
    await delay(SILENCE_MS);
    const calls = stage.meta.calls.slice(callsBefore);
    expect(calls.filter(({ endpoint }) => endpoint === 'messages').length).toBeLessThanOrEqual(A_HANDFUL);
    // Names are looked up too, five at a time.
    expect(calls.length).toBeLessThanOrEqual(3 * A_HANDFUL);
    expect(calls.filter(({ at }) => at.getTime() > Date.now() - SILENCE_MS + 1_000)).toEqual([]);
    expect(stage.meta.accepted).toHaveLength(sentBefore);
  }, 180_000);

  it('is shown: in the account, in health and in the metrics', async () => {
    expect(await view()).toMatchObject({ tokenStatus: 'invalid', problems: [{ about: 'token' }] });
    const { deadTokens, outbox } = await eventually('a dead token in health', backlog, (report) => report.deadTokens === 1);
    expect([deadTokens, outbox.depth >= queued]).toEqual([1, true]);
    const metrics = await fetch(`${stage.service.url}/metrics`, { headers: { authorization: `Bearer ${stage.service.adminKey}` } });
    expect(await metrics.text()).toContain('instagram_accounts_dead_token 1');
  });

  it('gives up what comes too late, without a call', async () => {
    for (const person of latecomers.slice(0, 3)) {
      const [, reply] = await eventually('a late reply that failed', () => stage.messages(account, person), (messages) => messages[1]?.status === 'failed');
      expect(reply!.error).toMatch(/too late.*access token/i);
    }
    expect(stage.meta.sends.filter(({ recipientId }) => latecomers.includes(recipientId ?? ''))).toEqual([]);
  });

  it('with a new token everything that is still in time goes out, in order, and nothing twice', async () => {
    stage.meta.clearFailures();
    const accessToken = `${account.accessToken}new`;
    stage.meta.addToken(account.id, accessToken);
    const before = stage.meta.accepted.length;
    const patched = await stage.service.api('PATCH', `/accounts/${account.id}`, { accessToken });
    expect(patched).toMatchObject({ status: 200, body: { tokenStatus: 'unknown' } });
    await eventually('the first of them', async () => stage.meta.accepted.length, (count) => count > before, 10);
    await eventually('an empty outbox', backlog, ({ inbox, outbox }) => inbox.depth + outbox.depth === 0, 240);
    await tokenIs('valid');
    const resumed = stage.meta.accepted.slice(before);
    expect(resumed.length).toBeGreaterThanOrEqual(queued - people.length);
    expect(new Set(resumed.map(({ token }) => token))).toEqual(new Set([accessToken]));
    const got = new Map<string, string[]>();
    for (const { recipientId, text } of stage.meta.accepted) got.set(String(recipientId), [...(got.get(String(recipientId)) ?? []), String(text)]);
    const wanted = words.map((word) => `re: ${word}`);
    expect(people.filter((person) => got.get(person)?.join() !== wanted.join())).toEqual([]);
    expect(got.size).toBe(people.length);
  }, 300_000);
});
