import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SHOP_RULES } from './support/fixture-player.js';
import { deliveriesOf, Filling, FIXTURE_ACCOUNTS, loadFixtures } from './support/fixtures.js';
import { eachDatabase } from './support/databases.js';
import { deepText, deliveryText, jsonText, mutationOf, notJson } from './support/odd-json.js';
import { eventually } from './support/running-service.js';
import { Stage, type EventView, type TestAccount } from './support/stage.js';

/** `FUZZ_BODIES=10000 npm run test:e2e -- test/fuzz` for more; `FUZZ_SEED` for the same again. */
const BODIES = Number(process.env.FUZZ_BODIES ?? 300);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const AT_ONCE = 32;

const fixtures = loadFixtures();

/** Anything at all, and real deliveries that somebody has been at. */
function bodiesFor(shop: TestAccount, bystander: TestAccount): Buffer[] {
  const accounts = {
    [FIXTURE_ACCOUNTS.shop]: shop.id, [FIXTURE_ACCOUNTS.sibling]: shop.id, [FIXTURE_ACCOUNTS.otherApp]: bystander.id,
  };
  const mutated = fc.constantFrom(...fixtures).chain((fixture) => {
    const filling = new Filling(accounts);
    return fc.constantFrom(...deliveriesOf(fixture, fixtures)).chain((body) => mutationOf(filling.fill(body)));
  });
  const asBytes = (text: string) => Buffer.from(text);
  const body = fc.oneof(
    { weight: 50, arbitrary: mutated.map(asBytes) },
    { weight: 25, arbitrary: deliveryText(shop.id).map(asBytes) },
    { weight: 15, arbitrary: jsonText.map(asBytes) },
    { weight: 9, arbitrary: notJson },
    { weight: 1, arbitrary: deepText.map(asBytes) },
  );
  return fc.sample(body, { numRuns: BODIES, seed: SEED });
}

eachDatabase((database) => {
  let stage: Stage;
  let shop: TestAccount;
  let bystander: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, LOG_LEVEL: 'error' });
    shop = await stage.addAccount({ settings: { optOutWords: ['stop'], optInWords: ['start'] } });
    bystander = await stage.addAccount();
    for (const account of [shop, bystander]) for (const rule of SHOP_RULES) await stage.addRule(account, rule);
  });

  afterAll(async () => {
    await stage.close();
  });

  const isJson = (body: Buffer): boolean => {
    try {
      JSON.parse(body.toString('utf8'));
      return true;
    } catch {
      return false;
    }
  };

  async function rowsOf(account: TestAccount): Promise<unknown> {
    const conversations = await stage.service.list<{ id: string }>(`/accounts/${account.id}/conversations`);
    const messages = conversations.map(({ id }) => stage.service.list(`/accounts/${account.id}/conversations/${id}/messages`));
    return { conversations, messages: await Promise.all(messages), events: await stage.events(account) };
  }

  it(`takes ${String(BODIES)} odd bodies, and is as well as before (seed ${String(SEED)})`, async () => {
    const { person } = await stage.write(bystander, 'hello');
    await stage.replies(bystander, person, 1);
    await stage.quiet(bystander);
    await eventually('the profile', () => stage.conversation(bystander, person), ({ body }) => body.participantUsername !== null);
    const before = await rowsOf(bystander);
    const sendsBefore = stage.meta.sends.filter((send) => send.accountId === bystander.id).length;

    const bodies = bodiesFor(shop, bystander);
    const began = Date.now();
    const answered: Record<number, number> = {};
    const waiting = [...bodies];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
        const { status } = await stage.meta.deliver(shop.id, body);
        answered[status] = (answered[status] ?? 0) + 1;
        const told = { status, body: body.subarray(0, 3000).toString('utf8') };
        expect(told).toEqual({ status: isJson(body) ? 200 : 400, body: told.body });
      }
    }));
    const delivered = Date.now();

    // Nothing is stuck.
    await eventually('every event to be settled', () => stage.events(shop, '?status=pending'), (pending) => pending.length === 0, 240);
    await stage.drained(240);
    const events = await stage.events(shop);
    expect(events.filter((event) => event.status === 'dead')).toEqual([]);
    const health = await fetch(`${stage.service.url}/health`);
    expect(health.status).toBe(200);
    // Nor did anything go wrong inside that was made up for.
    expect(stage.service.output).toBe('');

    // Nobody else was touched.
    expect(await rowsOf(bystander)).toEqual(before);
    expect(stage.meta.sends.filter((send) => send.accountId === bystander.id)).toHaveLength(sendsBefore);
    expect(stage.meta.sends.every((send) => [shop, bystander].some((account) => send.token === account.accessToken && send.accountId === account.id))).toBe(true);

    // And it works.
    const normal = await stage.write(shop, 'hello');
    await stage.replies(shop, normal.person, 1);
    expect(stage.sentTo(normal.person)).toEqual(['Thank you']);

    const figures = {
      database: database.name, seed: SEED, bodies: bodies.length, answered, events: counted(events),
      unrouted: (await stage.service.list('/events/unrouted')).length, sends: stage.meta.sends.length, accepted: stage.meta.accepted.length,
      seconds: { delivering: (delivered - began) / 1000, untilSettled: (Date.now() - began) / 1000 },
    };
    process.stdout.write(`FUZZ ${JSON.stringify(figures)}\n`);
  }, 600_000);
});

function counted(events: readonly EventView[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, status } of events) counts[`${kind} ${status}`] = (counts[`${kind} ${status}`] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort());
}
