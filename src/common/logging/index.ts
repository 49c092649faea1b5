export { createLogger, type LoggerOptions } from './logger.js';
export { PinoNestLogger } from './pino-nest.logger.js';
export { requestLogging } from './request-log.js';
