import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { openDataSource } from '../src/database/index.js';
import { deliveryOf, entryOf, newIgsid, testButtonDelivery, textEvent } from '../src/local-meta/index.js';
import { SCHEMA } from '../src/schema.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

interface AccountView {
  readonly id: string;
  readonly webhookVerifyToken: string | null;
  readonly problems?: readonly { readonly about: string; readonly message: string }[];
}

/** One damaged row is the trouble of its account, and of nobody else. */
eachDatabase((database) => {
  let stage: Stage;
  let dataSource: DataSource;
  let damaged: TestAccount;
  let sibling: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    ({ dataSource } = await openDataSource(database.settings(), SCHEMA));
    damaged = await stage.addAccount();
    sibling = await stage.addAccount({}, damaged.appSecret);
    for (const account of [damaged, sibling]) await stage.addRule(account, { responseTemplate: 'reply' });
  });

  afterAll(async () => {
    await dataSource.destroy();
    await stage.close();
  });

  const damage = (...columns: readonly string[]) =>
    dataSource.query(`UPDATE instagram_business_accounts SET ${columns.map((column) => `${column} = 'damaged'`).join(', ')} WHERE id = ?`, [damaged.id]);
  const greeting = ({ id }: TestAccount, person: string) => textEvent({ accountId: id, person }, 'hello');
  const hello = (...accounts: readonly TestAccount[]) => deliveryOf(...accounts.map((account) => entryOf(account.id, [greeting(account, newIgsid())])));
  const view = async () => (await stage.service.api<AccountView>('GET', `/accounts/${damaged.id}`)).body;

  it('is told to come back where its app secret is needed, and keeps nobody else from anything', async () => {
    await damage('app_secret');
    await eventually('that it is noticed', () => stage.meta.deliver(damaged.id, hello(damaged)), ({ status }) => status === 503);
    for (const address of [sibling.id, stage.sharedAddress]) {
      const [ours, theirs] = [newIgsid(), newIgsid()];
      const together = deliveryOf(entryOf(damaged.id, [greeting(damaged, theirs)]), entryOf(sibling.id, [greeting(sibling, ours)]));
      const posted = await stage.meta.deliver(address, together, { secret: sibling.appSecret });
      expect([posted.status, posted.text]).toEqual([503, expect.not.stringContaining(damaged.id)]);
      // What can be told to be somebody else's is stored all the same.
      await stage.replies(sibling, ours, 1);
      expect(await stage.messages(damaged, theirs)).toEqual([]);
    }
    // Nor is it for administrators to sort out: it comes again.
    expect(await stage.service.list('/events/unrouted')).toEqual([]);
    expect((await stage.meta.deliver(stage.sharedAddress, hello(damaged, sibling), { secret: 'a guess' })).status).toBe(503);
    expect((await stage.meta.deliver(stage.sharedAddress, hello(sibling), { secret: 'a guess' })).status).toBe(401);
    await stage.replies(sibling, (await stage.write(sibling, 'hello')).person, 1);
    expect((await stage.meta.deliver(stage.sharedAddress, testButtonDelivery(), { secret: sibling.appSecret })).status).toBe(200);
    expect((await stage.meta.handshake(damaged.id, damaged.verifyToken)).status).toBe(200);
    const listed = await stage.service.list<AccountView>('/accounts');
    expect(listed.map(({ id, problems = [] }) => [id, problems.map(({ about }) => about)]).sort()).toEqual(
      [[damaged.id, ['credentials']], [sibling.id, []]].sort(),
    );
    const metrics = await fetch(`${stage.service.url}/metrics`, { headers: { authorization: `Bearer ${stage.service.adminKey}` } });
    expect(await metrics.text()).toMatch(/refused_total\{reason="credentials_unreadable"\} [1-9]/);
  });

  it('says so when it is verified, or shaken hands with', async () => {
    await damage('access_token', 'webhook_verify_token');
    const verified = await eventually(
      'that it is noticed', () => stage.service.api('POST', `/accounts/${damaged.id}/verify`), ({ body }) => body.ok === false,
    );
    expect(verified).toMatchObject({ status: 200, body: { ok: false, error: expect.stringContaining('do not open') } });
    expect((await stage.meta.handshake(damaged.id, damaged.verifyToken)).status).toBe(503);
    expect((await stage.meta.handshake(stage.sharedAddress, sibling.verifyToken)).status).toBe(200);
  });

  it('starts all the same, and is cured by a PATCH', async () => {
    await stage.killAndRestart();
    expect((await view()).webhookVerifyToken).toBeNull();
    const { accessToken, appSecret, verifyToken } = damaged;
    const halfway = await stage.service.api<{ message: string }>('PATCH', `/accounts/${damaged.id}`, { accessToken });
    expect(halfway).toMatchObject({ status: 409, body: { message: expect.stringMatching(/^appSecret, webhookVerifyToken: /) } });
    const cured = await stage.service.api<AccountView>('PATCH', `/accounts/${damaged.id}`, { accessToken, appSecret, webhookVerifyToken: verifyToken });
    expect(cured).toMatchObject({ status: 200, body: { webhookVerifyToken: verifyToken } });
    expect(cured.body.problems ?? []).not.toContainEqual(expect.objectContaining({ about: 'credentials' }));
    await stage.replies(damaged, (await stage.write(damaged, 'hello')).person, 1);
  });
});
