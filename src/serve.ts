import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CredentialCheck } from './accounts/index.js';
import { AppModule } from './app.module.js';
import { configureApp } from './app.setup.js';
import { messageOf } from './common/errors.js';
import { acceptBriskly } from './common/http/index.js';
import { createNestLogger } from './common/logging/index.js';
import { ShutdownState } from './common/shutdown-state.js';
import type { AppSettings } from './config/index.js';
import { stopInTime, type EarlySignals } from './signals.js';

/**
 * Longer than proxies keep an idle connection to us (a minute, mostly): with Node's 5 s a request would now and then meet a
 * connection that is just being closed, and the proxy would answer Meta with 502.
 */
const KEEP_ALIVE_MS = 75_000;
/**
 * For a whole request to come, and its head; Node's own are five minutes and one, looked at every half a minute. (A delivery has
 * less: see `delivery-body.ts`.)
 */
const REQUEST_MS = 30_000;
const LOOK_FOR_LATE_REQUESTS_EVERY_MS = 5_000;

/**
 * Connections that wait to be taken while the process is busy. With Node's 511, a storm of new ones would be dropped by the
 * kernel, and come again only after one, three and seven seconds, up to a minute. (Linux takes net.core.somaxconn instead where
 * that is less: mostly 4096.)
 */
const CONNECTIONS_WAITING = 65_535;
/** What Nest hands on to Node, beyond the forms it declares. */
type Listen = (port: number, host: string, backlog: number) => Promise<unknown>;

/** Starts the service and gives it once it listens. Throws, with a message for people, when it must not start. */
export async function serve(settings: AppSettings, early?: EarlySignals): Promise<NestExpressApplication> {
  const nestLogger = createNestLogger(settings.logLevel, [
    settings.secretKey,
    ...settings.previousSecretKeys,
    settings.adminApiKey,
    settings.mysql?.password,
  ]);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(settings), {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger,
  });
  try {
    configureApp(app, nestLogger.logger);
    stopInTime((trouble) => {
      nestLogger.error(trouble, 'Service');
    });
    early?.handOver();
    await app.get(CredentialCheck).run();
    Object.assign(app.getHttpServer(), {
      keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: LOOK_FOR_LATE_REQUESTS_EVERY_MS,
    });
    const brisk = acceptBriskly(app.getHttpServer(), CONNECTIONS_WAITING);
    await (app.listen.bind(app) as unknown as Listen)(settings.port, settings.host, CONNECTIONS_WAITING).catch((error: unknown) => {
      throw new Error(`it cannot listen on PORT ${String(settings.port)} of HOST ${settings.host}: ${messageOf(error)}`, { cause: error });
    });
    await brisk;
    // Told to stop meanwhile: it has started, and ends in good order.
    if (app.get(ShutdownState).hasBegun) return app;
    nestLogger.log(`Listening on ${await app.getUrl()}; ${settings.role === 'worker' ? '' : 'Swagger UI at /docs; '}${settings.mysql ? 'MySQL' : 'embedded SQLite'}; role ${settings.role}`, 'Service');
  } catch (error) {
    if (app.get(ShutdownState).hasBegun) return app;
    await app.close();
    throw error;
  }
  return app;
}
