import { afterEach, describe, expect, it } from '@jest/globals';
import { AxiosError, AxiosHeaders } from 'axios';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger, PinoNestLogger, requestLogging } from './index.js';

const TOKEN = 'IGAA' + 'x'.repeat(150);
const APP_SECRET = '0123456789abcdef0123456789abcdef';
const ADMIN_KEY = 'the-administrators-own-key';

function capture(level = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({ level, secrets: [ADMIN_KEY], destination: { write: (line) => void lines.push(line) } });
  return { lines, logger, nest: new PinoNestLogger(logger) };
}

function expectNoSecrets(lines: readonly string[]) {
  const all = lines.join('');
  for (const secret of [TOKEN, APP_SECRET, ADMIN_KEY]) expect(all).not.toContain(secret);
}

describe('the logger', () => {
  it('keeps tokens of a failed HTTP call out of the line, wherever the call carried them', () => {
    const { lines, nest } = capture();
    const config = {
      url: `https://graph.example/refresh?access_token=${TOKEN}`,
      headers: new AxiosHeaders({ Authorization: `Bearer ${APP_SECRET}` }),
      data: JSON.stringify({ access_token: APP_SECRET }),
    };
    const error = new AxiosError(`GET ${config.url} failed`, 'ECONNRESET', config, { path: config.url });
    nest.error(error, 'Graph');
    nest.error('sending failed', error, 'Graph');
    nest.error({ message: 'sending failed', error, config }, undefined, 'Graph');
    nest.error('sending failed', error.stack, 'Graph');
    nest.warn('gave up', { cause: new Error('outer', { cause: error }) }, 'Graph');
    expect(lines).toHaveLength(5);
    expectNoSecrets(lines);
    expect(lines[0]).toContain('ECONNRESET');
  });

  it.each([
    [`Authorization: Bearer ${APP_SECRET}`],
    [`body was {"accessToken":"${APP_SECRET}","appSecret":"${APP_SECRET}"}`],
    [JSON.stringify({ body: `{"app_secret":"${APP_SECRET}"}` })],
    [`GET /webhooks/instagram/1?hub.verify_token=${APP_SECRET}&hub.mode=subscribe`],
    [`connecting to mysql://root:${APP_SECRET}@db:3306/app`],
    [`the key ${ADMIN_KEY} was refused`],
    [`token ${TOKEN} was refused`],
  ])('takes the secret out of a sentence: %#', (sentence) => {
    const { lines, logger, nest } = capture();
    nest.log(sentence, 'Test');
    logger.info({ nested: { list: [sentence] } }, sentence);
    logger.child({ sentence }).info('%s', sentence);
    expect(lines).toHaveLength(3);
    expectNoSecrets(lines);
    expect(lines.join('')).toContain('[redacted]');
  });

  it.each(['a.', 'http+', '\\', '"password\\', 'a://b:', 'bearer ', 'IG-'])('is not kept busy by a line full of %j', (piece) => {
    const { lines, logger } = capture();
    const start = performance.now();
    logger.info(piece.repeat(100_000 / piece.length));
    expect(performance.now() - start).toBeLessThan(500);
    expect(lines).toHaveLength(1);
  });

  it('never writes a field whose name says that it is secret', () => {
    const { lines, logger } = capture();
    logger.info({
      accessToken: APP_SECRET,
      account: { app_secret: APP_SECRET, id: '17' },
      headers: { 'X-Hub-Signature-256': APP_SECRET },
    });
    expectNoSecrets(lines);
    expect(lines[0]).toContain('"id":"17"');
  });

  it('survives what cannot be written as JSON', () => {
    const { lines, logger } = capture();
    const circular: Record<string, unknown> = { big: 1n, bytes: Buffer.from(APP_SECRET) };
    circular['self'] = circular;
    logger.info(circular, 'odd');
    expect(lines[0]).toContain('odd');
    expectNoSecrets(lines);
  });
});

describe('the request log', () => {
  let server: Server | undefined;
  afterEach(async () => {
    const running = server;
    server = undefined;
    if (running) await new Promise((resolve) => running.close(resolve));
  });

  async function call(
    path: string,
    options: { level?: string; status?: number; headers?: Record<string, string>; body?: string } = {},
  ) {
    const { lines, logger } = capture(options.level ?? 'info');
    const log = requestLogging(logger);
    const started = createServer((request, response) => {
      log(request, response, () => {
        response.statusCode = options.status ?? 200;
        response.end('done');
      });
    });
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    const { port } = started.address() as AddressInfo;
    const requestId = await new Promise<unknown>((resolve, reject) => {
      const sent = httpRequest({ port, path, method: 'POST', headers: options.headers, agent: false }, (response) => {
        response.resume().on('end', () => {
          resolve(response.headers['x-request-id']);
        });
      });
      sent.on('error', reject).end(options.body);
    });
    await new Promise((resolve) => started.close(resolve));
    server = undefined;
    return { lines, requestId, entries: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  }

  it('writes request id, account and status, and neither headers nor body nor secret query values', async () => {
    const { lines, entries, requestId } = await call(
      `/api/v1/accounts/17841400000000001/rules?limit=5&access_token=${TOKEN}&hub.verify_token=${APP_SECRET}`,
      {
        headers: { authorization: `Bearer ${ADMIN_KEY}`, cookie: APP_SECRET },
        body: JSON.stringify({ accessToken: TOKEN, text: 'a private message' }),
      },
    );
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      level: 'info',
      requestId,
      accountId: '17841400000000001',
      status: 200,
      url: '/api/v1/accounts/17841400000000001/rules?limit=5&access_token=[redacted]&hub.verify_token=[redacted]',
    });
    expectNoSecrets(lines);
    expect(lines.join('')).not.toContain('a private message');
    expect(lines[0]?.match(/"requestId"/g)).toHaveLength(1);
  });

  it('does not call a red probe a failure', async () => {
    expect((await call('/health/ready', { status: 503 })).lines).toHaveLength(0);
    expect((await call('/healthy', { status: 503 })).entries[0]).toMatchObject({ level: 'error' });
  });

  it('takes over a plain id of the caller and replaces any other', async () => {
    expect((await call('/x', { headers: { 'x-request-id': 'abc-12345' } })).requestId).toBe('abc-12345');
    expect((await call('/x', { headers: { 'x-request-id': 'a "quoted" one' } })).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is silent about deliveries that went well, and names those that did not', async () => {
    expect((await call('/webhooks/instagram/17')).lines).toHaveLength(0);
    expect((await call('/webhooks/instagram/17', { level: 'debug' })).entries[0]).toMatchObject({
      level: 'debug',
      accountId: '17',
    });
    expect((await call('/webhooks/instagram/17', { status: 401 })).entries[0]).toMatchObject({
      level: 'warn',
      accountId: '17',
      status: 401,
    });
    expect((await call('/api/v1/audit', { status: 503 })).entries[0]).toMatchObject({ level: 'error', status: 503 });
  });
});
