import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { changesEntryOf, commentChange, deliveryOf, newIgsid } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

eachDatabase((database) => {
  let stage: Stage;

  async function comment(account: TestAccount): Promise<string> {
    const person = newIgsid();
    const change = commentChange({ id: newIgsid(), from: { id: person, username: 'ana' }, text: 'How much?' });
    // As Meta does: a machine that is busy with other suites is late now and then.
    expect((await stage.meta.deliverUntilAccepted(account.id, deliveryOf(changesEntryOf(account.id, [change])))).status).toBe(200);
    return person;
  }

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, PRIVATE_REPLIES_PER_HOUR: '1' });
  });

  afterAll(async () => {
    await stage.close();
  });

  it('a private reply that has to wait for its hour keeps nothing else of its conversation waiting', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { triggerType: 'comment', responseTemplate: 'by direct message' });
    await stage.addRule(account, { responseTemplate: 'reply' });
    await stage.replies(account, await comment(account), 1);
    const person = await comment(account);
    await stage.write(account, 'hello', { person });
    const texts = async () => (await stage.messages(account, person)).filter(({ direction, status }) => direction === 'outbound' && status === 'sent').map(({ text }) => text);
    await eventually('the answer', texts, (sent) => sent.includes('reply'));
    const sent = await stage.service.api('POST', `/accounts/${account.id}/messages`, { recipientId: person, text: 'by hand' });
    expect(sent.status).toBe(202);
    await eventually('the person’s own', texts, (all) => all.includes('by hand'));
    // It is put off before they are queued, or with one of them behind it already.
    expect(await stage.service.list(`/accounts/${account.id}/outbox`)).toHaveLength(1);
    expect(stage.meta.sends.filter(({ accountId }) => accountId === account.id)).toHaveLength(3);
  });

  it('the hour of an account’s private replies goes on over a restart', async () => {
    const account = await stage.addAccount();
    await stage.addRule(account, { triggerType: 'comment', responseTemplate: 'by direct message' });
    await stage.addRule(account, { responseTemplate: 'reply' });
    await stage.replies(account, await comment(account), 1);
    await stage.quiet(account);
    await stage.killAndRestart();
    const person = await comment(account);
    // It is put off, and what the person writes afterwards is answered.
    await stage.write(account, 'hello', { person });
    await eventually('the answer', () => stage.messages(account, person), (all) => all.some(({ text, status }) => text === 'reply' && status === 'sent'));
    expect(stage.sentTo(person)).toEqual(['reply']);
    expect(await stage.service.list(`/accounts/${account.id}/outbox`)).toHaveLength(1);
  });
});
