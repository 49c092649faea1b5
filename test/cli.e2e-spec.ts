import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { LocalMeta, deliveryOf, entryOf, newIgsid, textEvent } from '../src/local-meta/index.js';
import { runCommand, type Ran } from './support/command-line.js';
import { eachDatabase } from './support/databases.js';
import { RunningService, eventually, freePort } from './support/running-service.js';

// Each command is a process that opens the database; some tests run several, on a machine that may be busy.
jest.setTimeout(180_000);

const ID = '17841400000000031';
const OLD = {
  FACEBOOK_VERIFY_TOKEN: 'the-verify-token-of-the-mvp',
  FACEBOOK_APP_SECRET: 'the-app-secret-of-the-mvp',
  INSTAGRAM_PAGE_ACCESS_TOKEN: 'IGAATheTokenOfTheMvp',
};
const FIRST_KEY = 'the first passphrase of the tests';
const SECOND_KEY = 'the second passphrase of the tests';

eachDatabase((database) => {
  let meta: LocalMeta;
  let service: RunningService;
  let environment: Record<string, string>;
  const person = newIgsid();

  beforeAll(async () => {
    meta = await LocalMeta.start();
    environment = { ...database.env, APP_SECRET_KEY: FIRST_KEY, GRAPH_API_BASE_URL: meta.graphUrl, LOG_LEVEL: 'warn' };
    service = await RunningService.start(environment);
  });

  afterAll(async () => {
    await service.stop();
    await meta.close();
  });

  const cli = (args: string[], more: Record<string, string> = {}): Promise<Ran> => runCommand(args, { ...environment, ...more });

  it("moves the old server's variables into an account that works", async () => {
    meta.addAccount({
      id: ID,
      username: 'old.shop',
      accessToken: OLD.INSTAGRAM_PAGE_ACCESS_TOKEN,
      appSecret: OLD.FACEBOOK_APP_SECRET,
      callbackUrl: `${service.url}/webhooks/instagram`,
    });
    const imported = await cli(['accounts', 'import-env', '--id', ID, '--username', '@old.shop'], OLD);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toContain(`/webhooks/instagram/${ID}`);
    for (const secret of [OLD.FACEBOOK_APP_SECRET, OLD.INSTAGRAM_PAGE_ACCESS_TOKEN])
      expect(imported.stdout).not.toContain(secret);
    const shaken = await meta.handshake(ID, OLD.FACEBOOK_VERIFY_TOKEN);
    expect(shaken).toMatchObject({ status: 200, text: shaken.challenge });
    const posted = await meta.deliver(ID, deliveryOf(entryOf(ID, [textEvent({ accountId: ID, person }, 'hello')])));
    expect(posted.status).toBe(200);
    expect(await cli(['accounts', 'import-env', '--id', ID, '--username', 'old.shop'], OLD)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: [^\n]*exists[^\n]*\n$/),
    });
  });

  it('makes an API key that the running service takes', async () => {
    const made = await cli(['api-keys', 'create', '--name', 'reports', '--role', 'viewer', '--account', 'old.shop']);
    expect(made.code).toBe(0);
    const headers = { authorization: `Bearer ${made.stdout.trim()}` };
    expect((await service.api('GET', `/accounts/${ID}`, undefined, headers)).status).toBe(200);
    expect((await service.api('GET', '/audit', undefined, headers)).status).toBe(403);
  });

  it('sends to a username of a stored conversation, by the service', async () => {
    meta.addPerson(ID, { id: person, username: 'ana.sends', name: 'Ana' });
    const conversation = `/accounts/${ID}/conversations/${ID}:${person}`;
    const { body } = await eventually(
      'the profile look-up',
      () => service.api(`GET`, conversation),
      (answer) => typeof answer.body.participantUsername === 'string',
    );
    const sent = await cli([
      'send',
      '--account',
      'old.shop',
      '--to',
      String(body.participantUsername),
      '--text',
      'Olá ☕️',
    ]);
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Sent as /) });
    expect(meta.accepted.map(({ text, recipientId }) => [text, recipientId])).toEqual([['Olá ☕️', person]]);
    const audit = await service.list<{ actor: string }>(`/audit?accountId=${ID}`);
    expect(audit.filter(({ actor }) => actor === 'cli').length).toBeGreaterThanOrEqual(2);
  });

  it('sends to a username that is made of digits', async () => {
    const other = newIgsid();
    meta.addPerson(ID, { id: other, username: '1984', name: '1984' });
    await meta.deliver(ID, deliveryOf(entryOf(ID, [textEvent({ accountId: ID, person: other }, 'hello')])));
    await eventually(
      'the profile look-up',
      () => service.api('GET', `/accounts/${ID}/conversations/${ID}:${other}`),
      ({ body }) => body.participantUsername === '1984',
    );
    for (const [to, text] of [['1984', 'by name'], [other, 'by id']] as const) {
      expect(await cli(['send', '--account', ID, '--to', to, '--text', text])).toMatchObject({ code: 0 });
      expect(meta.accepted.at(-1)).toMatchObject({ text, recipientId: other });
    }
  });

  it('refuses to send with one line', async () => {
    const refusals: [string[], string][] = [
      [['--account', 'nobody', '--to', '1', '--text', 'x'], 'no account nobody'],
      [['--account', ID, '--to', 'stranger', '--text', 'x'], 'Nobody called stranger'],
      [['--account', ID, '--to', '999', '--text', 'x'], 'never had a message'],
      [['--account', ID, '--to', person, '--text', 'é'.repeat(501)], '1000 bytes'],
    ];
    const all = await Promise.all(refusals.map(([args]) => cli(['send', ...args])));
    for (const [index, refused] of all.entries()) {
      expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]+\n$/) });
      expect(refused.stderr).toContain(refusals[index]![1]);
    }
  });

  it('plays Meta against the service', async () => {
    const port = await freePort();
    const graph = { GRAPH_API_BASE_URL: `http://127.0.0.1:${String(port)}` };
    expect(
      (await cli(['simulate', '--account', ID], { GRAPH_API_BASE_URL: 'https://graph.instagram.com' })).stderr,
    ).toMatch(/^error: [^\n]+\n$/);
    const played = await cli(
      ['simulate', '--account', ID, '--url', service.url, '--messages', '20', '--wait', '1'],
      graph,
    );
    expect(played).toMatchObject({ code: 0, stdout: expect.stringContaining('20 of 20 deliveries acknowledged') });
    expect(played.stdout).toContain('a forged signature answered 401');
  });

  it('encrypts every credential anew, and says which do not open', async () => {
    await service.stop();
    const keys = { APP_SECRET_KEY: SECOND_KEY, APP_SECRET_KEY_PREVIOUS: FIRST_KEY };
    expect(await cli(['keys', 'rotate'], { APP_SECRET_KEY: SECOND_KEY })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`error: The credentials of ${ID} do not open`),
    });
    expect(await cli(['keys', 'rotate'], keys)).toMatchObject({ stdout: expect.stringContaining('newest key: 1 accounts'), stderr: '' });
    expect(await cli(['keys', 'rotate'], keys)).toMatchObject({
      code: 0, stdout: expect.stringContaining('newest key: 0 accounts'), stderr: expect.stringContaining('has not got the new one'),
    });
    environment = { ...environment, APP_SECRET_KEY: SECOND_KEY };
    service = await RunningService.start(environment, service.port);
    expect((await service.api('POST', `/accounts/${ID}/verify`)).body).toMatchObject({ ok: true, userId: ID });
  });

  it('ends, although what it has opened before the mistake cannot be closed', async () => {
    const nobody = `127.0.0.1:${String(await freePort())}`;
    const failed = await cli(['api-keys', 'create', '--name', 'x', '--role', 'viewer'], {
      MYSQL_URL: `mysql://nobody@${nobody}/none`, REDIS_URL: `redis://${nobody}`,
    });
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]*MYSQL_URL[^\n]*\n$/) });
  });

  it('says in one line what is wrong with the environment', async () => {
    const failed = await cli(['keys', 'rotate'], { PORT: 'many', LOG_LEVEL: 'loud' });
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: [^\n]*PORT[^\n]*LOG_LEVEL[^\n]*\n$/),
    });
  });
});
