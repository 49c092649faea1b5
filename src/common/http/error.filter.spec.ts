import { BadRequestException, Controller, Get, Module, NotFoundException, Post, Body } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { AppError, type ErrorKind } from '../errors.js';
import { answerTo } from './error-answer.js';
import { ErrorFilter } from './error.filter.js';
import { requestId } from './request-id.js';

const thrown: { error: unknown } = { error: undefined };
const databaseIsAway = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:3306'), { code: 'ECONNREFUSED' });

@Controller()
class Thrower {
  @Get('throw')
  throw(): void {
    throw thrown.error;
  }

  @Post('body')
  body(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [Thrower] })
class TestModule {}

describe('ErrorFilter', () => {
  let app: NestExpressApplication;
  const errorLog = jest.fn();

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
    app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
    app.useLogger({ log: jest.fn(), warn: jest.fn(), error: errorLog });
    app.use(requestId);
    app.useBodyParser('json', { limit: '1kb' });
    app.useGlobalFilters(new ErrorFilter((error) => error === databaseIsAway));
    await app.init();
  });
  afterAll(() => app.close());

  const answerOf = async (error: unknown) => {
    thrown.error = error;
    return await request(app.getHttpServer()).get('/throw');
  };

  it('gives an error of ours its status, its message and the request id', async () => {
    const response = await answerOf(new AppError('conflict', 'there_already', 'id: exists already'));
    expect(response.status).toBe(409);
    expect(response.body).toEqual({
      statusCode: 409,
      message: 'id: exists already',
      error: 'Conflict',
      requestId: response.headers['x-request-id'],
    });
  });

  it('lists each bad field', async () => {
    const response = await answerOf(new AppError('invalid', 'validation_failed', '', ['a is bad', 'b is bad']));
    expect(response.body).toMatchObject({ statusCode: 400, message: ['a is bad', 'b is bad'], error: 'Bad Request' });
  });

  it('tells nothing of an unexpected error, and logs it with the request id', async () => {
    const response = await answerOf(new Error("Access denied for user 'root'@'10.0.0.1'"));
    expect(response.status).toBe(500);
    expect(response.text).not.toContain('root');
    expect(errorLog).toHaveBeenLastCalledWith(
      'answered 500', { requestId: response.body.requestId }, expect.objectContaining({ message: expect.stringContaining('root') }), 'ErrorFilter',
    );
  });

  it('asks to come back when the database is away', async () => {
    const response = await answerOf(databaseIsAway);
    expect(response.status).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.text).not.toContain('10.1.2.3');
  });

  it('says when to try again, and how to authenticate', async () => {
    const limited = await answerOf(new AppError('too_many_requests', 'slow_down', 'Later.', [], undefined, 12.3));
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '13']);
    const anonymous = await answerOf(new AppError('unauthenticated', 'key_required', 'A key is required.'));
    expect([anonymous.status, anonymous.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  });

  it('hands on what Nest itself says', async () => {
    expect((await answerOf(new NotFoundException('nothing here'))).body).toMatchObject({ message: 'nothing here', error: 'Not Found' });
    expect((await answerOf(new BadRequestException(['x']))).body).toMatchObject({ message: ['x'], error: 'Bad Request' });
    const missing = await request(app.getHttpServer()).get('/nowhere');
    expect(missing.body).toMatchObject({ statusCode: 404, error: 'Not Found', requestId: expect.any(String) });
  });

  it('answers to bodies that cannot be read without quoting them', async () => {
    const post = () => request(app.getHttpServer()).post('/body').set('Content-Type', 'application/json');
    const broken = await post().send('{"accessToken": "secret-token",}');
    expect(broken.body).toMatchObject({ statusCode: 400, message: 'The body is not valid JSON.' });
    expect((await post().send(JSON.stringify({ a: 'x'.repeat(2000) }))).body).toMatchObject({ statusCode: 413, error: 'Payload Too Large' });
  });

  it('takes over a harmless request id only', async () => {
    const get = async (id: string) => (await request(app.getHttpServer()).get('/nowhere').set('X-Request-Id', id)).body.requestId as string;
    expect(await get('trace-0123456789')).toBe('trace-0123456789');
    expect(await get('<script>alert(1)</script>')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('answerTo', () => {
  it.each<[ErrorKind, number]>([
    ['invalid', 400], ['unauthenticated', 401], ['forbidden', 403], ['not_found', 404],
    ['conflict', 409], ['unprocessable', 422], ['too_many_requests', 429], ['unavailable', 503],
  ])('%s is %i', (kind, status) => {
    expect(answerTo(new AppError(kind, 'code', 'text'), () => false).status).toBe(status);
  });
});
