import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliveryOf, entryOf, newIgsid, textEvent } from '../src/local-meta/index.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

/** After a run with every kind of trouble: where do tokens and secrets stand in clear? Nowhere. */
describe('Secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'direct-secrets-'));
  const appSecretKey = `passphrase ${randomBytes(16).toString('hex')}`;
  const adminKey = `admin-${randomBytes(20).toString('hex')}`;
  const secrets: string[] = [];
  const answers: string[] = [];
  const sensitiveToMake: string[] = [];
  let stage: Stage;
  let output = '';

  beforeAll(async () => {
    // The most talkative level is the one that might say too much.
    stage = await Stage.open({ DATA_DIR: folder, LOG_LEVEL: 'trace', APP_SECRET_KEY: appSecretKey, ADMIN_API_KEY: adminKey });
    record(stage);
    // Two tokens are about to end: one of the calls that renew them fails, in whose address they stand.
    stage.meta.failNext({ on: 'refresh', mode: 'drop' });
    const tokenExpiresAt = new Date(Date.now() + 5 * 86_400_000).toISOString();
    const accounts = [
      await stage.addAccount({ tokenExpiresAt }), await stage.addAccount(), await stage.addAccount({ status: 'inactive', tokenExpiresAt }),
    ];
    for (const account of accounts) {
      remember(account);
      await stage.addRule(account, { responseTemplate: 'answer {{ text }} {{ account.accessToken }} {{ account.appSecret }}' });
    }
    await work(stage, accounts);
    const renewed = () => accounts.flatMap(({ id, accessToken }) => stage.meta.tokensOf(id).filter((token) => token !== accessToken));
    secrets.push(...(await eventually('a renewed token', async () => renewed(), (tokens) => tokens.length > 0)));
    await stage.drained(60);
    await manage(stage, accounts);
    await stage.drained();
    await readEverything(stage, accounts);
    // Some of it stands in the write-ahead log only until the end, some in the database only after it.
    output = stage.service.output;
    checkFiles();
    await stage.close();
    output = stage.service.output;
  }, 180_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('are in no file of the database', () => {
    expect(files().some((path) => path.endsWith('.sqlite') && statSync(path).size > 0)).toBe(true);
    checkFiles();
  });

  it('are in no line of the log', () => {
    expect(output.length).toBeGreaterThan(1000);
    expect(found(output)).toEqual([]);
  });

  it('are in no answer', () => {
    expect(answers.length).toBeGreaterThan(50);
    expect(answers.flatMap((answer) => found(answer).map((secret) => `${secret} in ${answer.slice(0, 300)}`))).toEqual([]);
  });

  it('an API key is shown once and stored as a hash', () => {
    expect(sensitiveToMake).toHaveLength(1);
    for (const key of sensitiveToMake) {
      expect(answers.filter((answer) => answer.includes(key))).toHaveLength(1);
      for (const path of files()) expect(readFileSync(path).includes(key)).toBe(false);
      expect(output).not.toContain(key);
    }
  });

  it('reached Meta in the header, and in an address only where Meta wants it so', () => {
    expect(stage.meta.calls.length).toBeGreaterThan(5);
    expect(stage.meta.calls.filter((call) => call.tokenInUrl !== (call.endpoint === 'refresh'))).toEqual([]);
    expect(stage.meta.calls.filter((call) => call.endpoint === 'refresh').length).toBeGreaterThanOrEqual(2);
  });

  function remember(account: TestAccount): void {
    secrets.push(account.accessToken, account.appSecret);
  }

  /** Every answer of the API goes through here from now on. */
  function record({ service }: Stage): void {
    const api = service.api.bind(service);
    service.api = async <T>(...parameters: Parameters<typeof api>) => {
      const answer = await api<T>(...parameters);
      answers.push(`${parameters[0]} ${parameters[1]} ${[...answer.headers].join(' ')} ${answer.text}`);
      return answer;
    };
  }

  function forms(secret: string): string[] {
    const bytes = Buffer.from(secret);
    const base64 = [0, 1, 2].map((shift) =>
      // The same bytes look different at each of three offsets in a longer text.
      Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift === 0 ? 0 : 4, -4),
    );
    return [secret, encodeURIComponent(secret), [...secret].reverse().join(''), bytes.toString('hex'), bytes.toString('hex').toUpperCase(),
      ...base64, ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
  }

  function found(text: string): string[] {
    return [...secrets, appSecretKey, adminKey].filter((secret) => forms(secret).some((form) => text.includes(form)));
  }

  function files(): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  function checkFiles(): void {
    for (const path of files()) expect(`${path}: ${found(readFileSync(path, 'latin1')).join()}`).toBe(`${path}: `);
  }

  async function work(on: Stage, accounts: readonly TestAccount[]): Promise<void> {
    const [one, two] = accounts as [TestAccount, TestAccount];
    for (const account of accounts) await on.write(account, 'hello');
    on.meta.failNext({ accountId: one.id, code: 2 });
    on.meta.failNext({ accountId: one.id, code: 100 });
    on.meta.failNext({ accountId: two.id, mode: 'status', status: 502 });
    on.meta.failNext({ accountId: two.id, mode: 'drop' });
    for (const account of [one, two]) for (const text of ['a', 'b', 'c']) await on.write(account, text);
    // Secrets a customer or Meta might send are theirs; ours must not come back in what is refused.
    const forged = deliveryOf(entryOf(one.id, [textEvent({ accountId: one.id, person: newIgsid() }, 'forged')]));
    for (const options of [{ secret: two.appSecret }, { signature: null }, { signature: one.appSecret }]) {
      answers.push((await on.meta.deliver(one.id, forged, options)).text);
    }
    answers.push((await on.meta.deliver(one.id, Buffer.from('not json'), {})).text);
    answers.push((await on.meta.handshake(one.id, 'wrong')).text);
  }

  async function manage(on: Stage, accounts: readonly TestAccount[]): Promise<void> {
    const [one, two] = accounts as [TestAccount, TestAccount];
    const fresh = { accessToken: `IGAA${randomBytes(40).toString('hex')}`, appSecret: randomBytes(16).toString('hex') };
    secrets.push(fresh.accessToken, fresh.appSecret);
    const { service } = on;
    // Kept from now on, refused, and asked of Meta, which does not know the new token.
    await service.api('PATCH', `/accounts/${two.id}`, fresh);
    await service.api('POST', `/accounts/${two.id}/verify`);
    await service.api('POST', `/accounts/${one.id}/verify`);
    await service.api('PATCH', `/accounts/${one.id}`, { ...fresh, unknown: 1 });
    await service.api('PATCH', `/accounts/${one.id}`, { accessToken: `${fresh.accessToken} with blanks`, appSecret: [fresh.appSecret] });
    await service.api('POST', '/accounts', { id: one.id, username: 'again', ...fresh });
    await service.api('POST', '/accounts', { id: 'x', ...fresh });
    const { body } = await service.api<{ id: string; key: string }>('POST', '/api-keys', { name: 'viewer', role: 'viewer' });
    sensitiveToMake.push(body.key);
    await service.api('GET', '/accounts', undefined, { authorization: `Bearer ${body.key}` });
    await service.api('GET', '/accounts', undefined, { authorization: `Bearer ${fresh.accessToken}` });
    // A body that is not JSON, with a secret in it: parsers like to quote.
    const broken = await fetch(`${service.url}/api/v1/accounts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: `{"accessToken": "${fresh.accessToken}", }`,
    });
    answers.push(await broken.text());
    await service.api('DELETE', `/api-keys/${body.id}`);
  }

  async function readEverything(on: Stage, accounts: readonly TestAccount[]): Promise<void> {
    const { service } = on;
    for (const path of ['/accounts', '/audit', '/api-keys', '/events/unrouted']) await service.list(path);
    for (const { id } of accounts) {
      await service.api('GET', `/accounts/${id}`);
      for (const path of ['rules', 'events', 'conversations']) await service.list(`/accounts/${id}/${path}`);
      for (const conversation of await service.list(`/accounts/${id}/conversations`)) {
        const path = `/accounts/${id}/conversations/${String(conversation.id)}`;
        await service.api('GET', path);
        for (const message of await service.list(`${path}/messages`)) await service.api('GET', `/accounts/${id}/messages/${String(message.id)}`);
      }
      await service.api('POST', `/accounts/${id}/rules/test`, { text: 'hello' });
    }
    for (const path of ['/health', '/metrics', '/docs-json', '/docs']) {
      const answer = await fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${adminKey}` } });
      answers.push(await answer.text());
    }
  }
});
