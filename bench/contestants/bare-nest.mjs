// @ts-check
// Peer (a): a bare Nest handler. It takes the raw body as the service does, checks the signature, parses, stores nothing:
// the most that can be acknowledged with this framework.
import 'reflect-metadata';
import { Controller, Header, HttpCode, Module, Post, Req, UnauthorizedException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { isSigned, LIMIT_BYTES, settings } from './peer-settings.mjs';

class WebhookController {
  /** @param {import('express').Request} request */
  receive(request) {
    const body = /** @type {Buffer} */ (request.body);
    if (!isSigned(String(request.params.accountId), body, request.headers['x-hub-signature-256'])) throw new UnauthorizedException();
    JSON.parse(body.toString('utf8'));
    return 'EVENT_RECEIVED';
  }
}
const receive = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(WebhookController.prototype, 'receive'));
Req()(WebhookController.prototype, 'receive', 0);
HttpCode(200)(WebhookController.prototype, 'receive', receive);
Header('Content-Type', 'text/plain; charset=utf-8')(WebhookController.prototype, 'receive', receive);
Post(':accountId')(WebhookController.prototype, 'receive', receive);
Controller('webhooks/instagram')(WebhookController);

class AppModule {}
Module({ controllers: [WebhookController] })(AppModule);

/** @type {import('@nestjs/platform-express').NestExpressApplication} */
const app = await NestFactory.create(AppModule, { bodyParser: false, logger: ['error', 'warn'] });
app.disable('x-powered-by');
app.useBodyParser('raw', { type: () => true, limit: LIMIT_BYTES, inflate: false });
await app.listen(settings.port, '127.0.0.1');
