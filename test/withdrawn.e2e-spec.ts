import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deliveryOf, echoEvent, entryOf, newIgsid, textEvent } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type MessageView, type TestAccount } from './support/stage.js';

/** Long enough that what happens next is applied before it is over. */
const TYPING_SECONDS = 4;
const BY_A_PERSON = 'Not sent: a person has written to the customer since it was queued.';

eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
  });

  afterAll(async () => {
    await stage.close();
  });

  const textsTo = (person: string) => stage.sentTo(person).filter((text) => text !== '');

  async function typingAccount(more: Readonly<Record<string, unknown>> = {}): Promise<TestAccount> {
    const account = await stage.addAccount(more);
    await stage.addRule(account, { responseTemplate: 'to {{ text }}', typingSeconds: TYPING_SECONDS });
    return account;
  }

  /** Writes, and waits until the answer stands in the queue. */
  async function writeAndWait(account: TestAccount): Promise<string> {
    const { person } = await stage.write(account, 'hours?');
    await eventually('the answer', () => stage.messages(account, person), (messages) => messages.some(({ status }) => status === 'queued'));
    return person;
  }

  const outcomes = (messages: readonly MessageView[]) =>
    messages.flatMap(({ direction, text, status, error }) => (direction === 'outbound' ? [[text, status, error]] : []));

  const byAPerson = async () => {
    const account = await typingAccount();
    const person = await writeAndWait(account);
    const echo = echoEvent({ accountId: account.id, person, at: new Date() }, { text: 'We open at nine' });
    await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [echo])));
    await stage.quiet(account);
    return { texts: textsTo(person), outcomes: outcomes(await stage.messages(account, person)) };
  };

  const byAnOptOut = async () => {
    const account = await typingAccount({ settings: { optOutWords: ['stop'], optOutConfirmation: 'As you wish' } });
    const person = await writeAndWait(account);
    await stage.write(account, 'stop', { person });
    await stage.quiet(account);
    return { texts: textsTo(person) };
  };

  const byAnOperator = async () => {
    const account = await typingAccount();
    const person = await writeAndWait(account);
    await stage.service.api('PATCH', `/accounts/${account.id}/conversations/${account.id}:${person}`, { automation: { paused: true } });
    await stage.quiet(account);
    return { texts: textsTo(person), outcomes: outcomes(await stage.messages(account, person)) };
  };

  it('what a rule is about to say is not said once a person has answered, the customer opted out, or an operator paused it', async () => {
    // At once: each takes as long as typing is shown.
    const [person, optOut, operator] = await Promise.all([byAPerson(), byAnOptOut(), byAnOperator()]);
    expect(person).toEqual({ texts: [], outcomes: [['to hours?', 'failed', BY_A_PERSON], ['We open at nine', 'sent', null]] });
    // Which is confirmed.
    expect(optOut).toEqual({ texts: ['As you wish'] });
    expect(operator).toEqual({ texts: [], outcomes: [['to hours?', 'failed', expect.stringContaining('(operator)')]] });
  });

  it('a question is not answered by a rule when the person’s answer came with it', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { responseTemplate: 'to {{ text }}' });
    const person = newIgsid();
    const asked = new Date(Date.now() - 2_000);
    const question = textEvent({ accountId: account.id, person, at: asked }, 'hours?');
    const answer = echoEvent({ accountId: account.id, person, at: new Date(asked.getTime() + 1_000) }, { text: 'We open at nine' });
    await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [question, answer])));
    await stage.quiet(account);
    expect(textsTo(person)).toEqual([]);
    expect(outcomes(await stage.messages(account, person))).toEqual([['to hours?', 'failed', BY_A_PERSON], ['We open at nine', 'sent', null]]);
  });

  it('nor when the customer’s opt-out came with it, which is confirmed', async () => {
    const account = await stage.addAccount({ settings: { optOutWords: ['stop'], optOutConfirmation: 'As you wish' } });
    await stage.addRule(account, { responseTemplate: 'to {{ text }}' });
    const person = newIgsid();
    const asked = new Date(Date.now() - 2_000);
    const question = textEvent({ accountId: account.id, person, at: asked }, 'hours?');
    const stop = textEvent({ accountId: account.id, person, at: new Date(asked.getTime() + 1_000) }, 'stop');
    await stage.meta.deliver(account.id, deliveryOf(entryOf(account.id, [question, stop])));
    await stage.quiet(account);
    expect(textsTo(person)).toEqual(['As you wish']);
  });
});
