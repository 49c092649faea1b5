import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { BodyCheckInterceptor } from './body-check.interceptor.js';
import { ErrorFilter } from './error.filter.js';
import { PathParameterPipe } from './path-parameter.pipe.js';
import { utf8Only } from './utf8-only.js';

@Controller()
class Echo {
  @Post('body')
  body(@Body() body: unknown): unknown {
    return { body: body ?? null };
  }

  @Get('accounts/:accountId/things/:id')
  path(@Param('accountId') accountId: string, @Param('id') id: string): string[] {
    return [accountId, id];
  }
}

@Module({ controllers: [Echo] })
class TestModule {}

describe('what is looked at before the fields of a call', () => {
  let app: NestExpressApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
    app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
    app.useLogger({ log: jest.fn(), warn: jest.fn(), error: jest.fn() });
    const parser = { limit: '1mb', verify: utf8Only };
    app.useBodyParser('json', parser);
    app.useGlobalInterceptors(new BodyCheckInterceptor());
    app.useGlobalPipes(new PathParameterPipe());
    app.useGlobalFilters(new ErrorFilter());
    await app.init();
  });

  afterAll(async () => {
    await app.close();
  });

  const post = (body: string, type = 'application/json') =>
    request(app.getHttpServer()).post('/body').set('Content-Type', type).send(body);

  it('a body that is not sent as JSON is told so, instead of as missing fields', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await post('{"name": "x"}', type);
      expect(answer.status).toBe(400);
      expect((answer.body as { message: string }).message).toContain('Content-Type: application/json');
    }
    expect((await request(app.getHttpServer()).post('/body')).status).toBe(201);
  });

  it.each([
    ['a list without end', `{"replies":[${Array(5_001).fill('{}').join()}]}`],
    ['fields without end', `{${Array.from({ length: 1_001 }, (_, i) => `"f${String(i)}":1`).join()}}`],
    ['lists in lists', `{"cards":[${Array(1_000).fill('{"buttons":[{},{},{},{}]}').join()}]}`],
    ['an event of too many fields', `{"event":{"a":{${Array.from({ length: 1_001 }, (_, i) => `"f${String(i)}":1`).join()}}}}`],
    ['an event without end', `{"event":[${Array(50_001).fill('1').join()}]}`],
  ])('%s is refused before each of them is checked, and answered, by itself', async (_what, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeLessThan(500);
  });

  it('as many values are taken as anything of ours, or a delivery of a thousand updates, can hold', async () => {
    expect((await post(`{"accountIds":[${Array(1_001).fill('"17841400000000001"').join()}]}`)).status).toBe(201);
    const update = '{"sender":{"id":"1"},"recipient":{"id":"2"},"timestamp":1,"message":{"mid":"m","text":"x","attachments":[{"type":"image","payload":{"url":"u"}}]}}';
    expect((await post(`{"event":{"object":"instagram","entry":[{"id":"2","time":1,"messaging":[${Array(1_000).fill(update).join()}]}]}}`)).status).toBe(201);
  });

  it('a body nested without end is refused before anything works on it by recursion', async () => {
    expect((await post(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).status).toBe(400);
    expect((await post(`${'{"a":'.repeat(51)}1${'}'.repeat(51)}`)).status).toBe(400);
    expect((await post(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`)).status).toBe(201);
  });

  it('a body that holds far more than any that is wanted is refused before its fields are looked at, but for an event', async () => {
    const fields = (count: number) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${String(index)}`, 1])));
    expect((await post(fields(1000))).status).toBe(201);
    expect((await post(fields(1001))).status).toBe(400);
    expect((await post(`{"event":[${fields(1001)}]}`)).status).toBe(400);
    expect((await post(JSON.stringify({ list: Array.from({ length: 2400 }, () => 1) }))).status).toBe(201);
    expect((await post(JSON.stringify({ list: Array.from({ length: 2600 }, () => 1) }))).status).toBe(400);
    const refused = await post(JSON.stringify({ list: Array.from({ length: 1300 }, () => ({ a: 1 })) }));
    expect((refused.body as { message: string }).message).toContain('2500');
    expect((await post(JSON.stringify({ text: 'x', event: Array.from({ length: 10_000 }, () => ({ a: 1 })) }))).status).toBe(201);
    expect((await post(JSON.stringify({ list: [{ event: Array.from({ length: 2600 }, () => 1) }] }))).status).toBe(400);
  });

  it('a text that is not Unicode is refused, wherever it stands; emoji are fine', async () => {
    expect((await post('{"a":[{"b":"x\\ud83d"}]}')).status).toBe(400);
    expect((await post('{"a":"\\ude00\\ud83d"}')).status).toBe(400);
    expect((await post('{"a":"\\ud83d\\ude00"}')).status).toBe(201);
  });

  it('a text in another encoding than UTF-8 is refused, not kept with its letters replaced', async () => {
    const bytes = (text: string, encoding: BufferEncoding, type = 'application/json') =>
      request(app.getHttpServer()).post('/body').set('Content-Type', type).serialize((body: unknown) => body as string).send(Buffer.from(text, encoding));
    const refused = await bytes('{"text":"Grüße"}', 'latin1');
    expect(refused.status).toBe(400);
    expect((refused.body as { message: string }).message).toContain('UTF-8');
    expect((await bytes('{"text":"Grüße 😀"}', 'utf8')).body).toEqual({ body: { text: 'Grüße 😀' } });
    expect((await bytes('{"text":"Grüße"}', 'utf8', 'application/json; charset=UTF-8')).status).toBe(201);
    expect((await bytes('\ufeff{"text":"Grüße"}', 'utf16le', 'application/json; charset=utf-16')).body).toEqual({ body: { text: 'Grüße' } });
  });

  it('what can be no id names nothing', async () => {
    const get = async (path: string) => (await request(app.getHttpServer()).get(`/accounts/${path}`)).status;
    expect(await get('17841400000000001/things/17841400000000001:5')).toBe(200);
    for (const path of ['5%20/things/1', '%F0%9F%98%80/things/1', 'abc/things/1', `${'5'.repeat(51)}/things/1`, '5/things/%C3%A9', '5/things/1%20', '5/things/%00']) {
      expect(`${path} ${String(await get(path))}`).toBe(`${path} 404`);
    }
  });
});
