import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deliveryOf, echoEvent, entryOf } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

/** Further apart than two clocks may be. */
const SECONDS_BETWEEN = 7;
/** What is to happen while the second call has no answer yet must be over by then; a call is given 10 s. */
const ANSWER_DELAY_MS = 7_000;

eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
  });

  afterAll(async () => {
    await stage.close();
  });

  /** Instagram delivers a reply, says that it could not, and is called again; meanwhile come the echoes. */
  async function play(echoOfSecond: 'before its answer' | 'after it') {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'reply' });
    stage.meta.failNext({ accountId: account.id, code: 2, status: 400, accepted: true, retryAfterSeconds: SECONDS_BETWEEN, echo: 'never' });
    stage.meta.failNext({ accountId: account.id, mode: 'delay', answerDelayMs: ANSWER_DELAY_MS, echo: 'never' });
    const { person } = await stage.write(account, 'hello');
    const calls = await eventually('the second call', async () => stage.meta.accepted.filter((send) => send.recipientId === person), (sends) => sends.length === 2, 60);
    const [first, second] = calls.map(({ mid, at }) => ({ mid: mid!, at }));
    const tell = ({ mid, at }: { mid: string; at: Date }) =>
      stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [echoEvent({ accountId: account.id, person, mid, at }, { text: 'reply' })])));
    await tell(first!);
    await eventually('the first echo applied', () => outbound(account, person), (messages) => messages[0]?.externalId === first!.mid);
    if (echoOfSecond === 'before its answer') {
      await tell(second!);
      await eventually('a pause', () => isPaused(account, person), (paused) => paused);
    }
    await eventually('two messages', () => outbound(account, person), (messages) => messages.length === 2, 60);
    await eventually('no pause', () => isPaused(account, person), (paused) => !paused, 60);
    if (echoOfSecond === 'after it') await tell(second!);
    await stage.quiet(account);
    return { mids: [first!.mid, second!.mid], messages: await outbound(account, person), paused: await isPaused(account, person) };
  }

  const outbound = async (account: TestAccount, person: string) =>
    (await stage.messages(account, person)).filter(({ direction }) => direction === 'outbound');
  const isPaused = async (account: TestAccount, person: string) =>
    (await stage.conversation<{ automation: { paused: boolean } }>(account, person)).body.automation.paused;

  it('what Instagram has delivered twice, since it said at first that it had not, is shown twice and taken for nobody else’s', async () => {
    for (const { mids, messages, paused } of await Promise.all([play('after it'), play('before its answer')])) {
      expect(messages.map(({ externalId, status, text }) => [externalId, status, text])).toEqual(mids.map((mid) => [mid, 'sent', 'reply']));
      expect(paused).toBe(false);
    }
  }, 180_000);
});
