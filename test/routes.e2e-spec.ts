import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { getMetadataStorage } from 'class-validator';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../src/app.module.js';
import { configureApp } from '../src/app.setup.js';
import { ACCESS_METADATA, type AccessRule } from '../src/common/access.decorators.js';
import { createNestLogger } from '../src/common/logging/index.js';
import { parseEnvironment } from '../src/config/index.js';
import { eventually } from './support/running-service.js';
import { Stage, type TestAccount } from './support/stage.js';
import { bodyShown, type RequestBody, type Schema } from './support/swagger-body.js';

interface Route {
  readonly method: string;
  /** As OpenAPI writes it: `/api/v1/accounts/{accountId}`. */
  readonly path: string;
  readonly access: AccessRule | undefined;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly summary?: string;
  readonly security?: readonly unknown[];
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly requestBody?: RequestBody;
}

/** What people and Meta call without a key; a new one is a decision. */
const PUBLIC = [
  'GET /health', 'GET /health/live', 'GET /health/ready',
  'GET /webhooks/instagram', 'GET /webhooks/instagram/{accountId}', 'POST /webhooks/instagram', 'POST /webhooks/instagram/{accountId}',
];
/** Routes that change nothing although they are a POST. */
const READS = ['POST /api/v1/accounts/{accountId}/rules/test'];

describe('Every route', () => {
  const folder = mkdtempSync(join(tmpdir(), 'direct-routes-'));
  const routes: Route[] = [];
  let stage: Stage;
  let openApi: OpenApi;
  let account: TestAccount;
  let other: TestAccount;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    routes.push(...(await declaredRoutes(join(folder, 'declared'))));
    stage = await Stage.open({ DATA_DIR: join(folder, 'running'), LOG_LEVEL: 'silent' });
    openApi = (await (await fetch(`${stage.service.url}/docs-json`)).json()) as OpenApi;
    account = await stage.addAccount();
    other = await stage.addAccount();
    for (const [name, body] of Object.entries({
      viewer: { role: 'viewer' },
      operator: { role: 'operator' },
      limitedViewer: { role: 'viewer', accountIds: [other.id] },
      limitedOperator: { role: 'operator', accountIds: [other.id] },
      limitedAdmin: { role: 'admin', accountIds: [other.id] },
    })) {
      const answer = await stage.service.api<{ key: string }>('POST', '/api-keys', { name, ...body });
      expect(answer.status).toBe(201);
      keys[name] = answer.body.key;
    }
  }, 120_000);

  afterAll(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const nameOf = ({ method, path }: Route) => `${method} ${path}`;
  const guarded = () => routes.filter((route) => route.access?.public === false);
  const changing = () => guarded().filter((route) => route.method !== 'GET' && !READS.includes(nameOf(route)));

  /** Calls each route and gives the answers that are not `status`, by name. */
  async function otherThan(status: number, asked: readonly Route[], key: string | null): Promise<string[]> {
    const wrong: string[] = [];
    for (const route of asked) {
      const path = route.path
        .replace('{accountId}', account.id)
        .replace('{conversationId}', `${account.id}:1`)
        .replace(/\{\w+\}/g, '1');
      const answer = await fetch(`${stage.service.url}${path}`, {
        method: route.method,
        headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(route.method === 'GET' ? {} : { 'content-type': 'application/json' }) },
        body: route.method === 'GET' ? undefined : '{}',
      });
      await answer.text();
      if (answer.status !== status) wrong.push(`${nameOf(route)}: ${String(answer.status)}`);
    }
    return wrong;
  }

  it('says who may call it', () => {
    expect(routes.length).toBeGreaterThan(25);
    expect(routes.filter((route) => route.access === undefined).map(nameOf)).toEqual([]);
    expect(routes.filter((route) => route.access?.public === true).map(nameOf).sort()).toEqual([...PUBLIC].sort());
  });

  it('is described at /docs and /docs-json and nowhere else: YAML would be written anew for everybody who asks', async () => {
    const status = async (path: string) => (await fetch(`${stage.service.url}${path}`)).status;
    expect(await Promise.all(['/docs', '/docs-json', '/docs/swagger-ui-init.js', '/docs-yaml'].map(status))).toEqual([200, 200, 200, 404]);
  });

  it('is in the OpenAPI document, described, with its errors and the need of a key', () => {
    const described = Object.entries(openApi.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(nameOf).sort());
    const poor = routes.filter((route) => {
      const operation = openApi.paths[route.path]?.[route.method.toLowerCase()];
      const answers = Object.keys(operation?.responses ?? {});
      const isOpen = route.access?.public === true;
      return !operation?.summary || (!isOpen && (!operation.security?.length || !answers.includes('401'))) || !answers.some((status) => status.startsWith('2'));
    });
    expect(poor.map(nameOf)).toEqual([]);
  });

  it('says that too many wrong keys, or a database that is away, may be the answer; and of a body that it cannot be read', () => {
    const silent = guarded().flatMap((route) => {
      const operation = openApi.paths[route.path]?.[route.method.toLowerCase()];
      const wanted = ['429', '503', ...(operation?.requestBody ? ['413', '415'] : [])];
      const missing = wanted.filter((status) => !(status in (operation?.responses ?? {})));
      return missing.length === 0 ? [] : [`${nameOf(route)}: ${missing.join()}`];
    });
    expect(silent).toEqual([]);
  });

  it('tells that errors are JSON, also where a success is text', async () => {
    const json = { 'application/json': { schema: { $ref: '#/components/schemas/ErrorResponse' } } };
    const others = Object.entries(openApi.paths).filter(([path]) => !path.startsWith('/health')).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses = {} }]) =>
        Object.entries(responses).filter(([status, answer]) => status >= '400' && JSON.stringify(answer.content) !== JSON.stringify(json)).map(([status]) => `${method} ${path}: ${status}`)));
    expect(others).toEqual([]);
    for (const path of ['/metrics', '/webhooks/instagram']) {
      expect(Object.keys(openApi.paths[path]?.['get']?.responses?.['200']?.content ?? {})).toEqual(['text/plain']);
      expect((await fetch(`${stage.service.url}${path}`)).headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('tells of every field that it takes', () => {
    const { validationMetadatas } = getMetadataStorage() as unknown as { validationMetadatas: ReadonlyMap<{ name: string }, readonly { propertyName: string }[]> };
    const checked = [...validationMetadatas].filter(([{ name }]) => name in openApi.components.schemas);
    expect(checked.length).toBeGreaterThan(10);
    const untold = checked.flatMap(([{ name }, fields]) =>
      [...new Set(fields.map(({ propertyName }) => propertyName))].filter((field) => !(field in (openApi.components.schemas[name]?.properties ?? {}))).map((field) => `${name}.${field}`));
    expect(untold).toEqual([]);
  });

  it('takes the body that Swagger UI shows, and with it no credential is lost', async () => {
    const shop = await stage.addAccount();
    const { person } = await stage.write(shop, 'hello');
    await eventually('the conversation', () => stage.conversation(shop, person), ({ status }) => status === 200);
    const ruleId = String(await stage.addRule(shop, { responseTemplate: 'Hi', triggerType: 'exact', triggerValue: 'never' }));
    const refused: string[] = [];
    for (const [path, operations] of Object.entries(openApi.paths)) {
      for (const [method, { requestBody }] of Object.entries(operations)) {
        if (!requestBody) continue;
        const asked = path.replace('/api/v1', '').replace('{accountId}', shop.id).replace('{conversationId}', `${shop.id}:${person}`).replace('{ruleId}', ruleId).replace(/\{\w+\}/g, '1');
        const answer = await stage.service.api(method.toUpperCase(), asked, bodyShown(requestBody, openApi.components.schemas));
        if (answer.status === 400) refused.push(`${method.toUpperCase()} ${path}: ${answer.text}`);
      }
    }
    expect(refused).toEqual([]);
    const changes = await stage.service.list<{ changes: Record<string, unknown> }>(`/audit?accountId=${shop.id}&action=account.update`);
    expect(changes.flatMap((entry) => Object.keys(entry.changes)).filter((name) => ['accessToken', 'appSecret', 'webhookVerifyToken'].includes(name))).toEqual([]);
  });

  it('is closed without a key, and with one that nobody has', async () => {
    expect(await otherThan(401, guarded(), null)).toEqual([]);
    // A handful only: failed attempts are limited by address.
    expect(await otherThan(401, guarded().slice(0, 3), 'a key that nobody has')).toEqual([]);
  });

  it('that changes something is closed to a viewer', async () => {
    expect(changing().length).toBeGreaterThan(8);
    expect(await otherThan(403, changing(), keys.viewer!)).toEqual([]);
  });

  it('for administrators is closed to an operator', async () => {
    const forAdmins = guarded().filter((route) => route.access?.public === false && route.access.role === 'admin');
    expect(forAdmins.map(nameOf)).toContain('DELETE /api/v1/accounts/{accountId}');
    expect(await otherThan(403, forAdmins, keys.operator!)).toEqual([]);
  });

  it('of another account does not exist for a key limited to one', async () => {
    const ofAccount = guarded().filter((route) => route.path.includes('{accountId}'));
    const roleOf = (route: Route) => (route.access?.public === false ? route.access.role : 'viewer');
    expect(await otherThan(404, ofAccount, keys.limitedAdmin!)).toEqual([]);
    expect(await otherThan(404, ofAccount.filter((route) => roleOf(route) !== 'admin'), keys.limitedOperator!)).toEqual([]);
    expect(await otherThan(404, ofAccount.filter((route) => roleOf(route) === 'viewer'), keys.limitedViewer!)).toEqual([]);
  });

  it('shows a limited key its own account and no other', async () => {
    const ask = (path: string) => stage.service.api<{ items: { id: string }[] }>('GET', path, undefined, { authorization: `Bearer ${keys.limitedViewer!}` });
    expect((await ask(`/accounts/${other.id}`)).status).toBe(200);
    expect((await ask('/accounts')).body.items.map((item) => item.id)).toEqual([other.id]);
  });

  it('that does not exist is 404 with a key, and 401 or 404 without', async () => {
    expect((await stage.service.api('GET', '/nothing')).status).toBe(404);
    expect([401, 404]).toContain((await fetch(`${stage.service.url}/api/v1/nothing`)).status);
  });
});

/** From Nest itself: also a route that hides from the OpenAPI document is found. */
async function declaredRoutes(folder: string): Promise<Route[]> {
  const settings = parseEnvironment({ DATA_DIR: folder, LOG_LEVEL: 'silent', ADMIN_API_KEY: 'test-administrator-key-0123456789' });
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(settings), { bodyParser: false, abortOnError: false, logger: false });
  configureApp(app, createNestLogger('silent').logger);
  try {
    await app.init();
    const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
    return [...new Set(controllers.map((wrapper) => wrapper.metatype as Type))].flatMap(routesOf);
  } finally {
    await app.close();
  }
}

function routesOf(controller: Type): Route[] {
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function' || Reflect.getMetadata(METHOD_METADATA, handler) === undefined) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    const access = (Reflect.getMetadata(ACCESS_METADATA, handler) ?? Reflect.getMetadata(ACCESS_METADATA, controller)) as AccessRule | undefined;
    return pathsOf(controller).flatMap((base) => pathsOf(handler).map((own) => ({ method, path: openApiPath(base, own), access })));
  });
}

function pathsOf(target: object): string[] {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | string[];
  return Array.isArray(path) ? path : [path];
}

function openApiPath(...parts: string[]): string {
  const whole = parts.flatMap((part) => part.split('/')).filter((part) => part !== '');
  return `/${whole.join('/')}`.replace(/:(\w+)/g, '{$1}');
}
