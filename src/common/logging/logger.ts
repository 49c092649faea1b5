import { pino, type DestinationStream, type Logger } from 'pino';
import { outputOf, STANDARD_OUTPUT } from './output.js';
import { Scrubber } from './scrub.js';

export interface LoggerOptions {
  readonly level: string;
  /** Values that must never be written, known at start: the administrator's key, passwords. */
  readonly secrets?: readonly (string | null | undefined)[];
  /** Where lines go; standard output unless a test says otherwise. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line. Every field and every message passes the scrubber, whoever logs it. */
export function createLogger({ level, secrets = [], destination }: LoggerOptions): Logger {
  const scrubber = new Scrubber(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => scrubbedFields(scrubber, fields),
      },
      // The last net, for what no formatter sees: messages, `%s` parts, the bindings of child loggers.
      hooks: { streamWrite: (line) => scrubber.text(line) },
      // The scrubber has already turned errors into plain fields.
      serializers: { err: (error: unknown) => error },
    },
    destination ?? outputOf(STANDARD_OUTPUT),
  );
}

function scrubbedFields(scrubber: Scrubber, fields: Record<string, unknown>): Record<string, unknown> {
  return scrubber.value(fields) as Record<string, unknown>;
}
