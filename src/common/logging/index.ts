export { createLogger, type LoggerOptions } from './logger.js';
export { createNestLogger, PinoNestLogger } from './pino-nest.logger.js';
export { requestLogging } from './request-log.js';
