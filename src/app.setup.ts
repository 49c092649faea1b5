import { ValidationPipe, type ValidationError } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { AppError } from './common/errors.js';
import { bodyBudget, BodyCheckInterceptor, deliveryBody, deliveryGate, ErrorFilter, frontDoor, InheritedNamePipe, LONGEST_TURN_MS, onlyProbes, PathParameterPipe, utf8Only, withCommonAnswers } from './common/http/index.js';
import { requestLogging } from './common/logging/index.js';
import { Telemetry } from './common/telemetry.js';
import { AppSettings } from './config/index.js';
import { Dialect } from './database/index.js';
import { DeliveryEntrance } from './messaging/index.js';

/** Meta's limit is not published; a batch of 1000 updates is far below. */
const WEBHOOK_LIMIT_BYTES = 10 * 1024 * 1024;
/** Nest's type leaves out `verify`, which it takes for raw bodies; nobody asks for those here. */
const JSON_PARSER = { limit: '1mb', verify: utf8Only };
/** As the router sees it: without regard to case, also where a proxy sends the whole address. */
const WEBHOOK_PATH = /^(?:https?:\/\/[^/]*)?\/webhooks(?:[/?]|$)/i;
/** What no address on the Internet can be: only there is `X-Forwarded-For` believed. The last is what cloud platforms use inside. */
const PROXIES = ['loopback', 'linklocal', 'uniquelocal', '100.64.0.0/10'];

/** What `main.ts` and the tests do alike. The app must have been made with `bodyParser: false`. */
export function configureApp(app: NestExpressApplication, logger: Logger): void {
  app.disable('x-powered-by');
  const isWorker = app.get(AppSettings).role === 'worker';
  if (isWorker) app.use(onlyProbes());
  const telemetry = app.get(Telemetry);
  const isDelivery = (request: IncomingMessage) => request.method === 'POST' && WEBHOOK_PATH.test(request.url ?? '');
  const dialect = app.get(Dialect);
  const gate = deliveryGate({
    isDelivery,
    longestTurnMs: dialect.keepsTheLoop ? LONGEST_TURN_MS.blocking : LONGEST_TURN_MS.waiting,
    refused: () => {
      telemetry.deliveryReceived('unavailable', 0);
      telemetry.deliveryRefused('too_many_at_once');
    },
  });
  const log = requestLogging(logger);
  const budget = bodyBudget(WEBHOOK_LIMIT_BYTES, undefined, (request) => {
    if (!isDelivery(request)) return;
    telemetry.deliveryReceived('unavailable', 0);
    telemetry.deliveryRefused('large_bodies');
  });
  // The bytes as they came, whatever their content type: the signature is over them, and is checked before any parsing.
  const body = deliveryBody(isDelivery, WEBHOOK_LIMIT_BYTES);
  const errors = new ErrorFilter((error) => dialect.isPassing(error));
  if (!isWorker) {
    frontDoor(app.getHttpServer(), app.get(DeliveryEntrance), [gate, log, budget, body], (error, request, response) => {
      errors.answer(error, request, response);
    });
  }
  app.use(gate);
  app.use(log);
  app.set('trust proxy', PROXIES);
  // Swagger UI is same-origin; without HTTPS the upgrade would break it.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  // Answers hold customers' messages, verify tokens, once even an API key.
  app.use('/api', (_request: IncomingMessage, response: ServerResponse, next: () => void) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use(budget);
  app.use(body);
  app.useBodyParser('json', JSON_PARSER);
  app.useGlobalInterceptors(new BodyCheckInterceptor());
  app.useGlobalPipes(
    new PathParameterPipe(),
    new InheritedNamePipe(),
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      exceptionFactory: (errors) => new AppError('invalid', 'validation_failed', '', fieldMessages(errors)),
    }),
  );
  app.useGlobalFilters(errors);
  // Ends with 0 once everything in hand is finished, instead of by the signal it was told with.
  app.enableShutdownHooks([], { useProcessExit: true });
  if (isWorker) return;
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs-json',
    // Not as YAML too: it would be written anew for every stranger who asks, for a tenth of a second of everybody's time.
    raw: ['json'],
    swaggerOptions: { persistAuthorization: true, tagsSorter: 'alpha' },
    customSiteTitle: 'Instagram Direct server',
  });
}

export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Instagram Direct server')
    .setDescription(
      'Accounts, rules, conversations and sends of your Instagram professional accounts. Press **Authorize** and paste an API key.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key' })
    .build();
  return withCommonAnswers(SwaggerModule.createDocument(app, config));
}

function fieldMessages(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap((error) => {
    const field = path === '' ? error.property : `${path}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((text) => (path === '' ? text : text.replace(error.property, field)));
    return [...own, ...fieldMessages(error.children ?? [], field)];
  });
}
