import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

const DAY = 24 * 60 * 60_000;
const FIELDS = [
  'messages', 'messaging_postbacks', 'messaging_seen', 'message_reactions', 'messaging_referral', 'message_edit',
  'comments', 'live_comments', 'mentions',
];

interface AccountView {
  readonly tokenStatus: string;
  readonly tokenExpiresAt: string | null;
  readonly manageSubscription?: boolean;
  readonly problems?: readonly { readonly about: string; readonly message: string; readonly since: string }[];
}

interface AuditView {
  readonly action: string;
  readonly actor: string;
  readonly changes: Readonly<Record<string, unknown>>;
}

eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ ...database.env, LOG_LEVEL: 'trace' });
  });

  afterAll(async () => {
    await stage.close();
  });

  const view = async (account: TestAccount) => (await stage.service.api<AccountView>('GET', `/accounts/${account.id}`)).body;
  const until = (account: TestAccount, what: string, satisfied: (answer: AccountView) => boolean) =>
    eventually(`${what} of ${account.id}`, () => view(account), satisfied);
  const audit = async (account: TestAccount) => (await stage.service.list<AuditView>(`/audit?accountId=${account.id}`))
    .filter(({ action }) => action !== 'account.create' && action !== 'account.update');
  const calls = (account: TestAccount, endpoint: string) => stage.meta.calls.filter((call) => call.accountId === account.id && call.endpoint === endpoint);
  const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
  const patch = (account: TestAccount, body: unknown) => stage.service.api<AccountView>('PATCH', `/accounts/${account.id}`, body);

  it('subscribes a new account by itself, and asks Meta about its token', async () => {
    const account = await stage.addAccount();
    expect(await until(account, 'a known token', ({ tokenStatus }) => tokenStatus !== 'unknown')).toMatchObject({ tokenStatus: 'valid' });
    const [entry] = await eventually('the audit entry', () => audit(account), (entries) => entries.length > 0);
    expect(entry).toMatchObject({ action: 'account.subscribe', actor: 'system', changes: { fields: { from: [], to: FIELDS } } });
    expect(stage.meta.subscribedFields(account.id)).toEqual(FIELDS);
    for (const name of ['problems', 'manageSubscription']) expect(await view(account)).not.toHaveProperty(name);
  });

  it('leaves the subscription alone where told to, and takes it on when told so', async () => {
    const account = await stage.addAccount({ manageSubscription: false });
    await until(account, 'a known token', ({ tokenStatus }) => tokenStatus === 'valid');
    expect((await view(account)).manageSubscription).toBe(false);
    expect(calls(account, 'subscribed_apps')).toEqual([]);
    expect((await patch(account, { manageSubscription: null })).status).toBe(400);
    expect((await patch(account, { manageSubscription: true })).body).not.toHaveProperty('manageSubscription');
    await eventually('the subscription', async () => stage.meta.subscribedFields(account.id), (fields) => fields !== undefined);
  });

  it('shows what Meta keeps it from, to people and to metrics', async () => {
    stage.meta.failNext({ on: 'subscribed_apps', mode: 'drop', times: Infinity });
    const account = await stage.addAccount();
    const { problems } = await until(account, 'a problem', (answer) => answer.problems !== undefined);
    expect(problems).toEqual([{ about: 'subscription', message: expect.stringContaining('ECONNRESET'), since: expect.any(String) }]);
    const metrics = async () => {
      const answer = await fetch(`${stage.service.url}/metrics`, { headers: { authorization: `Bearer ${stage.service.adminKey}` } });
      return await answer.text();
    };
    await eventually('the gauge', metrics, (text) => text.includes('instagram_accounts_troubled{about="subscription"} 1'));
    const health = await (await fetch(`${stage.service.url}/health`)).json();
    expect(health).toMatchObject({ status: 'ok', details: { backlog: { troubledAccounts: { subscription: 1 } } } });
    stage.meta.clearFailures();
    // Its next try would be in a minute; a change makes it at once.
    await patch(account, { appSecret: account.appSecret.toUpperCase() });
    await eventually('the subscription', async () => stage.meta.subscribedFields(account.id), (fields) => fields?.length === FIELDS.length);
    await until(account, 'no problem', (answer) => answer.problems === undefined);
  });

  it('renews a token that is about to end, once, and sends with the new one', async () => {
    const account = await stage.addAccount({ tokenExpiresAt: inDays(5) });
    await stage.addRule(account, { responseTemplate: 'hello' });
    const { tokenExpiresAt } = await until(account, 'a new end', (answer) => Date.parse(String(answer.tokenExpiresAt)) > Date.now() + 50 * DAY);
    expect(Date.parse(String(tokenExpiresAt))).toBeLessThan(Date.now() + 61 * DAY);
    expect(calls(account, 'refresh')).toMatchObject([{ method: 'GET', path: '/refresh_access_token', version: null, tokenInUrl: true }]);
    const entries = await audit(account);
    expect(entries.find(({ action }) => action === 'account.token_refresh')).toMatchObject({
      actor: 'system', changes: { accessToken: 'changed', tokenExpiresAt: { to: tokenExpiresAt } },
    });
    const { person } = await stage.write(account, 'hi');
    await stage.replies(account, person, 1);
    const { token } = stage.meta.accepted.find((send) => send.recipientId === person)!;
    expect(token).not.toBe(account.accessToken);
    expect(stage.meta.calls.filter((call) => call.tokenInUrl && call.endpoint !== 'refresh')).toEqual([]);
    for (const secret of [token, account.accessToken]) {
      expect(stage.service.output).not.toContain(secret);
      expect(JSON.stringify(entries)).not.toContain(secret);
    }
  });

  it('keeps what a person stored while Meta was asked', async () => {
    const account = await stage.addAccount({ tokenExpiresAt: inDays(40) });
    await until(account, 'a known token', ({ tokenStatus }) => tokenStatus === 'valid');
    stage.meta.failNext({ on: 'refresh', accountId: account.id, mode: 'delay', answerDelayMs: 1000 });
    await patch(account, { tokenExpiresAt: inDays(5) });
    await eventually('the refresh', async () => calls(account, 'refresh'), (made) => made.length > 0);
    const own = `${account.accessToken}own`;
    stage.meta.addToken(account.id, own);
    const end = inDays(55);
    expect((await patch(account, { accessToken: own, tokenExpiresAt: end })).body).toMatchObject({ tokenStatus: 'unknown' });
    await eventually('word of the dropped one', async () => stage.service.output, (output) => output.includes('renewed access token was dropped'));
    await until(account, 'a known token', ({ tokenStatus }) => tokenStatus === 'valid');
    await stage.addRule(account, { responseTemplate: 'hello' });
    const { person } = await stage.write(account, 'hi');
    await stage.replies(account, person, 1);
    expect(stage.meta.accepted.find((send) => send.recipientId === person)!.token).toBe(own);
    expect((await view(account)).tokenExpiresAt).toBe(end);
    expect((await audit(account)).map(({ action }) => action)).not.toContain('account.token_refresh');
  });

  it('ends the subscription of an account that is deleted, and of none that is not its business', async () => {
    const account = await stage.addAccount();
    await eventually('the subscription', () => audit(account), (entries) => entries.some(({ action }) => action === 'account.subscribe'));
    const own = await stage.addAccount({ manageSubscription: false });
    const headers = { authorization: `Bearer ${own.accessToken}` };
    await fetch(`${stage.meta.graphUrl}/v26.0/${own.id}/subscribed_apps?subscribed_fields=messages`, { method: 'POST', headers });
    for (const { id } of [account, own]) expect((await stage.service.api('DELETE', `/accounts/${id}`)).status).toBe(204);
    expect(stage.meta.subscribedFields(account.id)).toBeUndefined();
    expect(stage.meta.subscribedFields(own.id)).toEqual(['messages']);
    expect((await audit(account))[0]).toMatchObject({ action: 'account.unsubscribe', changes: { ok: true } });
    expect(calls(account, 'subscribed_apps').at(-1)).toMatchObject({ method: 'DELETE', tokenInUrl: false });
  });

  it('deletes an account in seconds also while Meta does not answer, and says so', async () => {
    const account = await stage.addAccount();
    await eventually('the subscription', () => audit(account), (entries) => entries.some(({ action }) => action === 'account.subscribe'));
    stage.meta.failNext({ on: 'subscribed_apps', accountId: account.id, mode: 'timeout' });
    const began = Date.now();
    expect((await stage.service.api('DELETE', `/accounts/${account.id}`)).status).toBe(204);
    // Its own three seconds, and those of a machine that is busy; not Graph's ten.
    expect(Date.now() - began).toBeLessThan(9_000);
    expect((await audit(account))[0]).toMatchObject({ action: 'account.unsubscribe', changes: { ok: false, reason: expect.stringContaining('ETIMEDOUT') } });
    expect(stage.service.output).toContain('Instagram may still deliver its webhooks');
  });

  it('finds out that a token is dead before anybody writes', async () => {
    const account = await stage.addAccount({ tokenExpiresAt: inDays(40) });
    await until(account, 'a known token', ({ tokenStatus }) => tokenStatus === 'valid');
    stage.meta.revokeToken(account.accessToken, 460);
    await patch(account, { tokenExpiresAt: inDays(5) });
    const { problems } = await until(account, 'a dead token', ({ tokenStatus }) => tokenStatus === 'invalid');
    expect(problems).toMatchObject([{ about: 'token' }]);
    await until(account, 'the reason', (answer) => answer.problems?.[0]?.message.includes('password') === true);
    expect(problems![0]!.message).toContain('PATCH');
  });
});
