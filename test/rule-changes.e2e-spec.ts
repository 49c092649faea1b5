import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deliveryOf, entryOf, newIgsid, newMid, textEvent } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually, RunningService } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

const CHANGES = 12;
const MOST_PATTERNS = 100;
const AT_ONCE = 8;

/** Two instances on one database, with no Redis between them: what they know of each other's changes, the database told them. */
eachDatabase((database) => {
  let stage: Stage;
  let second: RunningService;
  let account: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    second = await RunningService.start({ ...database.env, GRAPH_API_BASE_URL: stage.meta.graphUrl });
    account = await stage.addAccount({ settings: { maxAutomaticTurns: 1000 } });
  }, 120_000);

  afterAll(async () => {
    await second.stop();
    await stage.close();
  });

  /** Somebody writes; the message goes to one of the instances. What they are answered. */
  const ask = async (service: RunningService, text: string) => {
    const person = newIgsid();
    const body = deliveryOf(entryOf(account.id, [textEvent({ accountId: account.id, person, mid: newMid() }, text)]));
    const posted = await stage.meta.deliver(`${service.url}/webhooks/instagram/${account.id}`, body, { secret: account.appSecret });
    expect(posted.status).toBe(200);
    return person;
  };
  const answerTo = async (person: string) => {
    const [answer] = await eventually(`an answer to ${person}`, async () => stage.sentTo(person), (sent) => sent.length > 0);
    return answer;
  };

  it('a rule changed through one instance holds for the next message on the other', async () => {
    const id = await stage.addRule(account, { triggerType: 'contains', triggerValue: 'price', responseTemplate: 'at first' });
    const instances = [stage.service, second];
    // Both know the rules before anything changes.
    for (const service of instances) expect(await answerTo(await ask(service, 'The price?'))).toBe('at first');
    for (let change = 1; change <= CHANGES; change++) {
      const [through, asked] = change % 2 === 0 ? [stage.service, second] : [second, stage.service];
      const wanted = `after change ${String(change)}`;
      const path = `/accounts/${account.id}/rules/${String(id)}`;
      expect((await through.api('PATCH', path, { responseTemplate: wanted })).status).toBe(200);
      expect(await answerTo(await ask(asked, 'The price?'))).toBe(wanted);
      const better = { name: 'better', priority: 1, triggerType: 'exact', triggerValue: 'price', responseTemplate: `new ${wanted}` };
      const made = await through.api<{ id: number }>('POST', `/accounts/${account.id}/rules`, better);
      expect(made.status).toBe(201);
      expect(await answerTo(await ask(asked, 'Price'))).toBe(`new ${wanted}`);
      expect((await through.api('DELETE', `/accounts/${account.id}/rules/${String(made.body.id)}`)).status).toBe(204);
      expect(await answerTo(await ask(asked, 'Price'))).toBe(wanted);
    }
  }, 120_000);

  it('an account gets its hundredth regex rule once, however many ask for it at once, on whichever instance', async () => {
    const pattern = { name: 'pattern', triggerType: 'regex', triggerValue: 'order (\\d+)', responseTemplate: 'x' };
    const path = `/accounts/${account.id}/rules`;
    for (let count = 1; count < MOST_PATTERNS; count++) expect((await stage.service.api('POST', path, pattern)).status).toBe(201);
    const words: string[] = [];
    for (let count = 0; count < AT_ONCE; count++) {
      const made = await stage.service.api<{ id: number }>('POST', path, { ...pattern, triggerType: 'exact' });
      words.push(`${path}/${String(made.body.id)}`);
    }
    const answers = await Promise.all(words.flatMap((word, nth) => {
      const service = nth % 2 === 0 ? stage.service : second;
      return [service.api('POST', path, pattern), service.api('PATCH', word, { triggerType: 'regex' })];
    }));
    const taken = answers.filter(({ status }) => status === 200 || status === 201);
    expect(taken).toHaveLength(1);
    for (const refused of answers.filter((answer) => !taken.includes(answer))) {
      expect(refused).toMatchObject({ status: 400, body: { message: [expect.stringMatching(/^triggerType: the account has 100 regex rules.*delete one/)] } });
    }
    const rules = await stage.service.list<{ triggerType: string }>(path);
    expect(rules.filter(({ triggerType }) => triggerType === 'regex')).toHaveLength(MOST_PATTERNS);
  }, 120_000);
});
