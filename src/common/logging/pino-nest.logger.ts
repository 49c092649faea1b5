import type { LoggerService } from '@nestjs/common';
import type { Level, Logger } from 'pino';
import { createLogger } from './logger.js';

/** Nest lists each module and route when it starts: a hundred lines for developers. */
const CHATTY = new Set<unknown>(['InstanceLoader', 'RoutesResolver', 'RouterExplorer']);
/** What stops a start is thrown as well, and told in one line by `main.ts`: its stack, twice, only to whoever asks. */
const TOLD_BY_MAIN = new Set<unknown>(['TypeOrmModule', 'ExceptionHandler', 'NestApplication']);

/** Lets Nest, and every `new Logger(…)` in the service, write through pino. */
export class PinoNestLogger implements LoggerService {
  /** @param logger also what the request log writes to */
  constructor(readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(CHATTY.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write(TOLD_BY_MAIN.has(rest.at(-1)) ? 'debug' : 'error', message, rest);
  }

  /** Nest appends the logger's context as the last argument, and for errors the stack before it. */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    if (!this.logger.isLevelEnabled(level)) return;
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    const details = context === undefined ? rest : rest.slice(0, -1);
    const fields: Record<string, unknown> = context === undefined ? {} : { context };
    for (const detail of details) addDetail(fields, detail);
    if (message instanceof Error) {
      fields['err'] = message;
      this.logger[level](fields, message.message);
    } else if (typeof message === 'object' && message !== null) {
      this.logger[level]({ ...message, ...fields });
    } else {
      this.logger[level](fields, String(message));
    }
  }
}

function addDetail(fields: Record<string, unknown>, detail: unknown): void {
  if (detail instanceof Error) fields['err'] = detail;
  else if (typeof detail === 'string') fields['stack'] = detail;
  else if (typeof detail === 'object' && detail !== null) Object.assign(fields, detail);
  else if (detail !== undefined) fields['detail'] = detail;
}

/** @param secrets see `createLogger` */
export function createNestLogger(level: string, secrets: readonly (string | null | undefined)[] = []): PinoNestLogger {
  return new PinoNestLogger(createLogger({ level, secrets }));
}
