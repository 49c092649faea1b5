import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newIgsid } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { happenings, tellingOf, type Happening, type Telling } from './support/happenings.js';
import { Stage, type TestAccount } from './support/stage.js';

const SCENES = Number(process.env.PROPERTY_SCENES ?? 40);
const AT_ONCE = 32;
const SEED = Number(process.env.PROPERTY_SEED ?? Date.now() % 1_000_000);

eachDatabase((database) => {
  let stage: Stage;
  let inOrder: TestAccount;
  let anyhow: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, LOG_LEVEL: 'error' });
    inOrder = await stage.addAccount();
    anyhow = await stage.addAccount();
  });

  afterAll(async () => {
    await stage.close();
  });

  /** One delivery of one account. Told to the other, it is the same but for the account. */
  async function deliver(account: TestAccount, entries: readonly (readonly Happening[])[]): Promise<void> {
    const forms = ['messaging', 'standby', 'changes'] as const;
    const entry = entries.map((told) => ({
      id: account.id, time: Date.now(),
      ...Object.fromEntries(forms.map((form) => [form, told.flatMap((each) => (form in each ? [(each as Record<string, unknown>)[form]] : []))])),
    }));
    const body = JSON.stringify({ object: 'instagram', entry }).replaceAll(inOrder.id, account.id);
    const { status } = await stage.meta.deliver(account.id, Buffer.from(body));
    expect(status).toBe(200);
  }

  async function shown(account: TestAccount): Promise<string> {
    const conversations = await stage.service.list<{ id: string }>(`/accounts/${account.id}/conversations`);
    const all = await Promise.all(conversations.map(async (conversation) => {
      const messages = await stage.service.list(`/accounts/${account.id}/conversations/${conversation.id}/messages`);
      const kept = messages.map((message) => ({ ...message, id: '', createdAt: '' })).sort((a, b) => order(JSON.stringify(a), JSON.stringify(b)));
      // The name is looked up behind all this.
      return { ...conversation, participantUsername: '', messages: kept };
    }));
    return JSON.stringify(all.sort((a, b) => order(a.id, b.id)), null, 1).replaceAll(account.id, 'the account');
  }

  it(`what is told all at once, in any order, is stored as what is told in order (seed ${String(SEED)})`, async () => {
    const scenes = Array.from({ length: SCENES }, (_, n) => sceneOf(inOrder.id, n));
    for (const { told } of scenes) await deliver(inOrder, [told]);
    const waiting = scenes.flatMap(({ telling }) => telling.map(({ entries }) => entries)).sort((a, b) => hash(a) - hash(b));
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await deliver(anyhow, next);
    }));
    for (const account of [inOrder, anyhow]) await stage.quiet(account);

    expect((await shown(anyhow)).split('\n')).toEqual((await shown(inOrder)).split('\n'));
    expect((await stage.events(anyhow, '?status=dead')).length).toBe(0);
    expect(stage.service.output).toBe('');
  }, 300_000);
});

/** What happens to two people, as it was and as it is told; with mids of their own. */
function sceneOf(accountId: string, n: number): { told: Happening[]; telling: Telling } {
  const scene = happenings({ accountId, persons: [newIgsid(), newIgsid()], start: new Date(), comments: false });
  const both = scene.chain((told) => tellingOf(told).map((telling) => ({ told, telling })));
  const [sample] = fc.sample(both, { numRuns: 1, seed: SEED + n });
  const text = JSON.stringify(sample).replaceAll(/"((?:[me]\d|never)-of-\d)"/g, `"$1-${String(n)}"`);
  return JSON.parse(text) as { told: Happening[]; telling: Telling };
}

/** Deliveries of different people mixed, the same way each time. */
function hash(value: unknown): number {
  return [...JSON.stringify(value)].reduce((sum, character) => (Math.imul(sum, 31) + character.charCodeAt(0)) >>> 0, SEED);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
