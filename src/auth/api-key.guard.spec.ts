import { Controller, Delete, Get, Module, Post } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { openTestDatabase, type TestDatabaseHandle } from '../../test/support/database.js';
import { AuditEntity, AuditTrail } from '../audit/index.js';
import { AuditRepository } from '../audit/audit.repository.js';
import { Ctx, MinimumRole, Public } from '../common/access.decorators.js';
import { SystemClock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { ErrorFilter } from '../common/http/index.js';
import { SYSTEM_CONTEXT, type RequestContext, type Role } from '../common/request-context.js';
import { ScopedByCaller } from '../common/scoped-by-caller.decorator.js';
import { AppSettings, parseEnvironment } from '../config/index.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { ATTEMPTS, FailedAttempts } from './failed-attempts.js';
import { Principals } from './principals.js';

const ADMIN = 'the-administrators-own-key';

@Controller()
class Routes {
  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }

  @Get('undeclared')
  undeclared(): string {
    return 'never';
  }

  @Get('accounts')
  @MinimumRole('viewer')
  read(@Ctx() ctx: RequestContext): RequestContext {
    return ctx;
  }

  @Get('accounts/:accountId')
  @MinimumRole('viewer')
  readOne(): string {
    return 'one';
  }

  @Get('figures')
  @MinimumRole('viewer', { withoutDatabase: true })
  figures(): string {
    return 'figures';
  }

  @Post('accounts/:accountId/rules')
  @MinimumRole('operator')
  operate(): string {
    return 'done';
  }

  @Delete('accounts/:accountId')
  @MinimumRole('admin')
  administer(): string {
    return 'done';
  }

  @Get('keys')
  @MinimumRole('admin')
  everything(): string {
    return 'all keys';
  }

  @Get('audit')
  @MinimumRole('admin')
  @ScopedByCaller()
  scoped(): string {
    return 'mine';
  }
}

describe('ApiKeyGuard', () => {
  let database: TestDatabaseHandle;
  let app: NestExpressApplication;
  let keys: ApiKeysService;
  let repository: ApiKeyRepository;
  let principals: Principals;

  beforeAll(async () => {
    database = await openTestDatabase([ApiKeyEntity, AuditEntity]);
    const { transactions, dialect } = database;
    repository = new ApiKeyRepository(dialect);
    principals = new Principals(transactions, repository, parseEnvironment({ ADMIN_API_KEY: ADMIN }));
    const clock = new SystemClock();
    keys = new ApiKeysService(transactions, repository, principals, new AuditTrail(new AuditRepository(dialect), clock), clock);

    @Module({
      controllers: [Routes],
      providers: [
        { provide: Principals, useValue: principals },
        { provide: AppSettings, useValue: parseEnvironment({}) },
        FailedAttempts,
        { provide: APP_GUARD, useClass: ApiKeyGuard },
      ],
    })
    class TestModule {}

    const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
    app = module.createNestApplication<NestExpressApplication>();
    app.set('trust proxy', 'loopback');
    app.useGlobalFilters(new ErrorFilter());
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await database.close();
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const make = async (role: Role, accountIds: string[] | null = null) =>
    await keys.create(SYSTEM_CONTEXT, { name: `${role} of the test`, role, accountIds });
  const call = (method: 'get' | 'post' | 'delete', path: string, key?: string, from = '198.51.100.1') => {
    const test = request(app.getHttpServer())[method](path).set('X-Forwarded-For', from);
    return key === undefined ? test : test.set('Authorization', `Bearer ${key}`);
  };
  const statusOf = async (...args: Parameters<typeof call>) => (await call(...args)).status;

  it('refuses what declares nothing, also to the administrator', async () => {
    expect(await statusOf('get', '/undeclared')).toBe(401);
    expect(await statusOf('get', '/undeclared', ADMIN)).toBe(403);
    expect(await statusOf('get', '/open')).toBe(200);
  });

  it('asks for a key that is valid', async () => {
    expect(await statusOf('get', '/accounts')).toBe(401);
    expect(await statusOf('get', '/accounts', 'igd_no-such-key')).toBe(401);
    expect((await call('get', '/accounts').set('Authorization', `Basic ${ADMIN}`)).status).toBe(401);
    expect(await statusOf('get', '/accounts', ADMIN)).toBe(200);
  });

  it('keeps each role to its own', async () => {
    const viewer = (await make('viewer')).key;
    const operator = (await make('operator')).key;
    const seen = async (key: string) => [
      await statusOf('get', '/accounts/1', key),
      await statusOf('post', '/accounts/1/rules', key),
      await statusOf('delete', '/accounts/1', key),
    ];
    expect(await seen(viewer)).toEqual([200, 403, 403]);
    expect(await seen(operator)).toEqual([200, 201, 403]);
    expect(await seen(ADMIN)).toEqual([200, 201, 200]);
  });

  it('hides accounts outside the key’s, and keeps a limited administrator from what concerns all', async () => {
    const limited = (await make('admin', ['1'])).key;
    expect(await statusOf('delete', '/accounts/1', limited)).toBe(200);
    expect(await statusOf('delete', '/accounts/2', limited)).toBe(404);
    expect(await statusOf('get', '/keys', limited)).toBe(403);
    expect(await statusOf('get', '/audit', limited)).toBe(200);
    expect((await call('get', '/accounts', limited)).body.principal).toEqual({
      actor: 'api-key:admin of the test', role: 'admin', accountIds: ['1'],
    });
  });

  it('stores no key, and forgets a deleted one at once', async () => {
    const made = await make('viewer');
    const rows = JSON.stringify(await database.dataSource.query('SELECT * FROM api_keys, audit_log'));
    expect(rows).toContain(made.keyPrefix);
    expect(rows).not.toContain(made.key);
    expect(rows).not.toContain(ADMIN);
    expect(await statusOf('get', '/accounts', made.key)).toBe(200);
    await keys.delete(SYSTEM_CONTEXT, made.id);
    expect(await statusOf('get', '/accounts', made.key)).toBe(401);
    await expect(keys.delete(SYSTEM_CONTEXT, made.id)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('lets no key be called as the one of the environment is in the audit trail', async () => {
    const own = (await call('get', '/accounts', ADMIN)).body.principal.actor.slice('api-key:'.length);
    const impostor = keys.create(SYSTEM_CONTEXT, { name: own, role: 'viewer', accountIds: null });
    await expect(impostor).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(/^name: ADMIN_API_KEY .*choose another/) });
  });

  it('remembers nothing that was read before a deletion and told after it', async () => {
    const made = await make('viewer');
    const find = repository.findByHash.bind(repository);
    jest.spyOn(repository, 'findByHash').mockImplementationOnce(async (tx, hash) => {
      const found = await find(tx, hash);
      principals.forget(hash); // as a deletion does that commits meanwhile, where reads and writes go on side by side
      return found;
    });
    expect(await statusOf('get', '/accounts', made.key)).toBe(200);
    await database.dataSource.query('DELETE FROM api_keys WHERE id = ?', [made.id]);
    expect(await statusOf('get', '/accounts', made.key)).toBe(401);
  });

  it('recalls who has a good key while the database is away, for figures alone', async () => {
    const { key } = await make('viewer');
    expect(await statusOf('get', '/figures', key)).toBe(200);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 5000);
    const find = jest.spyOn(repository, 'findByHash').mockRejectedValue(new AppError('unavailable', 'away', 'It is away'));
    expect(await statusOf('get', '/figures', key)).toBe(200);
    expect(await statusOf('get', '/accounts', key)).toBe(503);
    expect(await statusOf('get', '/figures', 'igd_of-a-stranger')).toBe(503);
    let refuse = (): void => undefined;
    find.mockReturnValueOnce(new Promise((_, reject) => { refuse = () => { reject(new Error('the server is silent')); }; }));
    expect(await statusOf('get', '/figures', key)).toBe(200);
    refuse();
    find.mockRejectedValue(new AppError('unavailable', 'away', 'It is away'));
    clock.mockReturnValue(now + 11 * 60_000);
    expect(await statusOf('get', '/figures', key)).toBe(503);
    find.mockRestore();
    expect(await statusOf('get', '/figures', key)).toBe(200);
  });

  it('slows down who tries keys, and nobody else', async () => {
    const guesser = '203.0.113.9';
    const valid = (await make('viewer')).key;
    for (let i = 0; i < ATTEMPTS; i++) expect(await statusOf('get', '/accounts', `igd_guess-${String(i)}`, guesser)).toBe(401);
    const blocked = await call('get', '/accounts', 'igd_one-more', guesser);
    expect(blocked.status).toBe(429);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
    expect(await statusOf('get', '/accounts', valid, guesser)).toBe(200);
    expect(await statusOf('get', '/accounts', 'igd_guess', '203.0.113.10')).toBe(401);
    expect(await statusOf('get', '/accounts', undefined, guesser)).toBe(401);
  });

  it('makes the first key once, also for two instances at a time', async () => {
    await database.dataSource.query('DELETE FROM api_keys');
    const wanted = { name: 'first', role: 'admin' as const, accountIds: null };
    const made = await Promise.all([1, 2].map(() => keys.createFirst(SYSTEM_CONTEXT, 'first', wanted)));
    expect(made.filter((key) => key !== null)).toHaveLength(1);
  });
});
