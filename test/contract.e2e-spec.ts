import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryOf, entryOf, newIgsid, textEvent } from '../src/local-meta/index.js';
import { eachDatabase } from './support/databases.js';
import { eventually, type ApiAnswer } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';

interface ErrorBody {
  readonly statusCode: number;
  readonly message: string | string[];
  readonly error: string;
  readonly requestId: string;
}

interface PageBody {
  readonly items: Readonly<Record<string, unknown>>[];
  readonly nextCursor: string | null;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

eachDatabase((database) => {
  let stage: Stage;
  let account: TestAccount;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    account = await stage.addAccount();
  });

  afterAll(async () => {
    await stage.close();
  });

  const post = (path: string, body: unknown) => stage.service.api<ErrorBody>('POST', path, body);

  describe('a mistake in a request', () => {
    const cases: [name: string, path: string, body: unknown, fields: string[]][] = [
      ['an account', '/accounts', { id: '12a', username: 5, accessToken: '', status: 'asleep', settings: { takeoverMinutes: -1 } },
        ['id', 'username', 'accessToken', 'appSecret', 'status', 'settings.takeoverMinutes']],
      ['a rule', '/accounts/:id/rules', { triggerType: 'sometimes', priority: 'high', cooldownSeconds: -1, enabled: 'yes' },
        ['name', 'triggerType', 'priority', 'cooldownSeconds', 'enabled', 'responseTemplate']],
      ['a key', '/api-keys', { role: 'king', accountIds: ['x'] }, ['name', 'role', 'accountIds']],
      ['a message', '/accounts/:id/messages', { recipientId: '@ana', text: 5 }, ['recipientId', 'text']],
      ['an unknown field that every object has', '/accounts/:id/rules', { name: 'r', triggerType: 'any', responseTemplate: 'x', constructor: 1 }, ['constructor']],
      ['an unknown field', '/accounts/:id/rules', { name: 'r', triggerType: 'any', responseTemplate: 'x', colour: 'red' }, ['colour']],
      ['a rule without its trigger', '/accounts/:id/rules', { name: 'r', triggerType: 'exact', triggerValue: ' ', responseTemplate: 'x' }, ['triggerValue']],
      ['a pattern that does not compile', '/accounts/:id/rules', { name: 'r', triggerType: 'regex', triggerValue: '(a', responseTemplate: 'x' }, ['triggerValue']],
      ['a template that does not parse', '/accounts/:id/rules', { name: 'r', triggerType: 'any', responseTemplate: '{{ text' }, ['responseTemplate']],
      ['a template that reads files', '/accounts/:id/rules', { name: 'r', triggerType: 'any', responseTemplate: "{% include '/etc/passwd' %}" }, ['responseTemplate']],
    ];

    it.each(cases)('names each bad field of %s', async (_, path, body, fields) => {
      const answer = await post(path.replace(':id', account.id), body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ statusCode: 400, error: 'Bad Request', requestId: expect.any(String) });
      expect(answer.body.requestId).not.toBe('');
      const text = [answer.body.message].flat().join('\n');
      for (const field of fields) expect(text).toContain(field);
    });

    it('is answered in the same form wherever it is found', async () => {
      const answers = await Promise.all([
        stage.service.api<ErrorBody>('GET', '/accounts/999'),
        stage.service.api<ErrorBody>('GET', '/accounts', undefined, { authorization: 'Bearer nothing' }),
        stage.service.api<ErrorBody>('GET', '/nothing/here'),
        post('/accounts', { id: account.id, username: 'again', accessToken: 'a', appSecret: 'b' }),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual([404, 401, 404, 409]);
      for (const { status, body } of answers) {
        expect(Object.keys(body).sort()).toEqual(['error', 'message', 'requestId', 'statusCode']);
        expect(body.statusCode).toBe(status);
      }
    });

    it('in a query or a path is one too', async () => {
      const path = `/accounts/${account.id}/rules`;
      for (const query of ['limit=0', 'limit=201', 'limit=many', 'limit=1.5', 'cursor=nonsense', 'colour=red']) {
        expect(`${query} ${String((await stage.service.api('GET', `${path}?${query}`)).status)}`).toBe(`${query} 400`);
      }
      expect((await stage.service.api('GET', `${path}/999999`)).status).toBe(404);
      expect((await stage.service.api('GET', `${path}/99999999999999999999`)).status).toBe(404);
      expect((await stage.service.api('GET', `/accounts/${account.id}/conversations/${account.id}:1`)).status).toBe(404);
      expect((await stage.service.api('GET', `/accounts/${account.id}/messages/none`)).status).toBe(404);
    });

    it('never reaches a query that would fail on it, whatever the database', async () => {
      const { id } = account;
      const odd = ['%F0%9F%98%80', '%C3%A9', `${id}%20`, '%00', '9'.repeat(51)];
      const paths = odd.flatMap((text) => [`/accounts/${text}`, `/accounts/${text}/rules`, `/accounts/${text}/conversations/1/messages`, `/accounts/${id}/messages/${text}`, `/accounts/${id}/conversations/${text}`, `/accounts/${id}/events/${text}`]);
      for (const path of paths) expect(`${path} ${String((await stage.service.api('GET', path)).status)}`).toBe(`${path} 404`);
      expect((await stage.service.api('DELETE', `/accounts/${id}%20`)).status).toBe(404);
      expect((await stage.service.api('DELETE', '/api-keys/%F0%9F%98%80')).status).toBe(404);
      const made = (...key: unknown[]) => Buffer.from(JSON.stringify(key).replace('"inf"', '1e999')).toString('base64url');
      const lists = ['/accounts', '/api-keys', '/audit', '/events/unrouted', `/accounts/${id}/rules`, `/accounts/${id}/events`, `/accounts/${id}/conversations`];
      const cursors = [made('inf'), made('inf', 'x'), made(8.64e15, 'x'), made(1, '😀')];
      const queries = lists.flatMap((list) => cursors.map((cursor) => `${list}?cursor=${cursor}`)).concat('/audit?accountId=%F0%9F%98%80', '/audit?action=%C3%A9');
      for (const query of queries) expect(`${query} ${String((await stage.service.api('GET', query)).status)}`).toBe(`${query} 400`);
      const late = '9999-12-31T23:59:59-23:59';
      expect((await stage.service.api('PATCH', `/accounts/${id}`, { tokenExpiresAt: late })).status).toBe(400);
      expect((await post('/accounts', { id: '77', username: 'a\ufe0f'.repeat(200), accessToken: 'a', appSecret: 'b' })).status).toBe(400);
    });

    it('is not looked for in every one of thousands of fields: everybody else would wait for it', async () => {
      const rules = `/accounts/${account.id}/rules`;
      const unknown = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`a${String(index)}`, 1]));
      const bodies = [[`${rules}/test`, unknown], [rules, { name: 'r', quickReplies: Array.from({ length: 30_000 }, () => ({})) }]] as const;
      for (const [path, body] of bodies) {
        const answer = await post(path, body);
        expect(answer.status).toBe(400);
        expect(answer.text.length).toBeLessThan(1_000);
      }
    });

    it('is an array where an object belongs', async () => {
      const { person } = await stage.write(account, 'hello');
      const path = `/accounts/${account.id}/conversations/${account.id}:${person}`;
      await eventually('the conversation', () => stage.service.api('GET', path), (answer) => answer.status === 200);
      for (const automation of [[], [{ paused: true }], {}, null]) expect((await stage.service.api('PATCH', path, { automation })).status).toBe(400);
      for (const attachment of [[], [{ type: 'image', url: 'https://example.com/a.png' }]]) {
        expect((await post(`/accounts/${account.id}/messages`, { recipientId: person, attachment })).status).toBe(400);
      }
      expect((await stage.service.api('PATCH', `/accounts/${account.id}`, { settings: [] })).status).toBe(400);
    });

    it('in the JSON itself is said', async () => {
      const headers = { authorization: `Bearer ${stage.service.adminKey}`, 'content-type': 'application/json' };
      const inLatin1 = Buffer.from('{"name": "Grüße", "role": "viewer"}', 'latin1');
      for (const [path, body] of [['accounts', '{"id": '], ['api-keys', inLatin1]] as const) {
        const answer = await fetch(`${stage.service.url}/api/v1/${path}`, { method: 'POST', headers, body });
        expect(answer.status).toBe(400);
        expect(await answer.json()).toMatchObject({ statusCode: 400, requestId: expect.any(String) });
      }
    });
  });

  it('an account is as the contract says, and keeps what a change leaves out', async () => {
    const answer = await stage.service.api('POST', '/accounts', { id: '00100200300400500', username: 'shop', accessToken: 'a-token', appSecret: 'a-secret' });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: '00100200300400500', username: 'shop', status: 'active', webhookVerifyToken: expect.any(String),
      webhookPath: '/webhooks/instagram/00100200300400500', tokenExpiresAt: null, tokenStatus: 'unknown',
      createdAt: expect.stringMatching(TIME), updatedAt: expect.stringMatching(TIME),
      settings: { replyMaxAgeMinutes: 60, takeoverMinutes: 30, optOutWords: [], optInWords: [], maxAutomaticTurns: 20 },
    });
    const soon = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const changed = await stage.service.api('PATCH', '/accounts/00100200300400500', { tokenExpiresAt: soon, settings: { optOutWords: ['stop'] } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      username: 'shop', tokenExpiresAt: soon, webhookVerifyToken: answer.body.webhookVerifyToken,
      settings: { replyMaxAgeMinutes: 60, optOutWords: ['stop'] },
    });
    expect((await stage.service.api('PATCH', '/accounts/00100200300400500', { id: '5' })).status).toBe(400);
    const entry = (await stage.service.list('/audit?accountId=00100200300400500'))[0]!;
    expect(entry).toMatchObject({ actor: expect.any(String), accountId: '00100200300400500', requestId: changed.headers.get('x-request-id') });
    expect(Object.keys(entry).sort()).toEqual(['accountId', 'action', 'actor', 'at', 'changes', 'id', 'requestId', 'target']);
  });

  it('a rule is as the contract says, and can be tried before it is live', async () => {
    const shop = await stage.addAccount();
    const path = `/accounts/${shop.id}/rules`;
    const made = await stage.service.api('POST', path, { name: 'Hours', triggerType: 'regex', triggerValue: 'open (\\w+)', responseTemplate: 'On {{ match[1] }}, {{ username | default: "friend" }}' });
    expect(made.body).toEqual({
      id: expect.any(Number), accountId: shop.id, name: 'Hours', enabled: true, priority: 100, triggerType: 'regex', triggerValue: 'open (\\w+)',
      responseTemplate: 'On {{ match[1] }}, {{ username | default: "friend" }}', cooldownSeconds: 0,
      createdAt: expect.stringMatching(TIME), updatedAt: expect.stringMatching(TIME),
    });
    const tried = await stage.service.api('POST', `${path}/test`, { text: 'Are you OPEN Monday?' });
    expect(tried).toMatchObject({ status: 200, body: { matched: true, rule: { id: made.body.id }, trace: [{ ruleId: made.body.id, matched: true }] } });
    expect(String(tried.body.reply)).toMatch(/^On monday/i);
    expect((await stage.service.api('POST', `${path}/test`, { text: 'hello' })).body).toMatchObject({ matched: false, rule: null, reply: null });
    const changed = await stage.service.api('PATCH', `${path}/${String(made.body.id)}`, { enabled: false });
    expect(changed.body).toMatchObject({ enabled: false, name: 'Hours', triggerValue: 'open (\\w+)' });
    expect((await stage.service.api('DELETE', `${path}/${String(made.body.id)}`)).status).toBe(204);
    expect((await stage.service.api('GET', `${path}/${String(made.body.id)}`)).status).toBe(404);
    expect(stage.meta.accepted.filter((send) => send.accountId === shop.id)).toEqual([]);
  });

  it('every list walks to its end, newest first, each item once', async () => {
    const shop = await stage.addAccount();
    const people = Array.from({ length: 5 }, newIgsid);
    const began = Date.now() - 10_000;
    // Some at the very same millisecond: the order of those is anybody's, but each comes once.
    const items = people.flatMap((person, index) =>
      [0, 1, 2, 3, 4].map((nth) => textEvent({ accountId: shop.id, person, at: new Date(began + nth + Math.floor(index / 2)) }, String(nth))),
    );
    await stage.meta.deliver(shop.id, deliveryOf(entryOf(shop.id, items)));
    for (let count = 0; count < 5; count++) await stage.addRule(shop, { triggerType: 'exact', triggerValue: 'never', responseTemplate: 'x' });
    for (let count = 0; count < 3; count++) await stage.service.api('POST', '/api-keys', { name: 'k', role: 'viewer' });
    await stage.quiet(shop);
    // The service's own entry, without which the trail would grow while it is read.
    const trail = () => stage.service.list(`/audit?accountId=${shop.id}&action=account.subscribe`);
    await eventually('the subscription', trail, (entries) => entries.length === 1);
    const path = `/accounts/${shop.id}`;
    const sizes: [list: string, items: number][] = [
      [`${path}/rules`, 5], [`${path}/events`, 25], [`${path}/events?status=processed`, 25], [`${path}/conversations`, 5],
      [`${path}/conversations/${shop.id}:${people[0]!}/messages`, 5], [`/audit?accountId=${shop.id}`, 6], ['/audit?action=rule.create', 5],
      ['/accounts', 2], ['/api-keys', 3], ['/audit', 10],
    ];
    for (const [list, least] of sizes) {
      const whole = (await stage.service.list(list)).map((item) => String(item.id));
      const walked = await walk(list, 2);
      expect(`${list} ${walked.join()}`).toBe(`${list} ${whole.join()}`);
      expect(new Set(whole).size).toBe(whole.length);
      expect(whole.length).toBeGreaterThanOrEqual(least);
    }
    const rules = (await stage.service.list(`${path}/rules`)).map((rule) => Number(rule.id));
    expect(rules).toEqual([...rules].sort((a, b) => b - a));
  });

  async function walk(list: string, limit: number): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const query: URLSearchParams = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) });
      const page: ApiAnswer<PageBody> = await stage.service.api<PageBody>('GET', `${list}${list.includes('?') ? '&' : '?'}${query.toString()}`);
      expect(page.status).toBe(200);
      expect(page.body.items.length).toBeLessThanOrEqual(limit);
      ids.push(...page.body.items.map((item) => String(item.id)));
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    return ids;
  }
});
