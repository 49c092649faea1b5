import { plainToInstance, Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength, ValidateBy, validateSync } from 'class-validator';
import { isGraphAddress, isRedisAddress, isSafeForTokens, isWithoutVersion } from './addresses.js';
import { mysqlSettings, type MysqlSettings } from './mysql-settings.js';

/** Whichever of the checks fails, the message is the same, and says all there is to say. */
const Whole = (min: number, max: number): PropertyDecorator => (target, name) => {
  const message = `${String(name)} must be a whole number from ${String(min)} to ${String(max)}`;
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value))(target, name);
  for (const check of [IsInt({ message }), Min(min, { message }), Max(max, { message })]) check(target, name);
};

const Is = (check: (value: unknown, others: Environment) => boolean, message: string): PropertyDecorator =>
  ValidateBy({
    name: check.name,
    validator: { validate: (value, args) => check(value, args?.object as Environment), defaultMessage: () => message },
  });

/** The environment as the contract names it, before defaults that depend on each other. */
export class Environment {
  @Whole(0, 65535)
  PORT: number = 3000;

  @IsString()
  HOST: string = '0.0.0.0';

  @IsOptional() @IsString()
  MYSQL_URL?: string;

  @IsOptional() @IsString()
  MYSQL_HOST?: string;

  @IsOptional() @Whole(1, 65535)
  MYSQL_PORT?: number;

  @IsOptional() @IsString()
  MYSQL_DATABASE?: string;

  @IsOptional() @IsString()
  MYSQL_USERNAME?: string;

  @IsOptional() @IsString()
  MYSQL_PASSWORD?: string;

  @IsOptional() @IsString()
  MYSQL_SSL_MODE?: string;

  @IsOptional() @IsString()
  MYSQL_SSL_CA?: string;

  @IsString()
  DATA_DIR: string = './data';

  @IsOptional() @IsString() @MinLength(16, { message: 'APP_SECRET_KEY must be base64 of 32 bytes, or a passphrase of 16 characters or more' })
  @Matches(/^[^,]*$/, { message: 'APP_SECRET_KEY must not hold a comma: it could never be named in APP_SECRET_KEY_PREVIOUS, where commas separate the keys' })
  APP_SECRET_KEY?: string;

  @IsOptional() @IsString()
  APP_SECRET_KEY_PREVIOUS?: string;

  @IsOptional() @IsString() @MinLength(20, { message: 'ADMIN_API_KEY must have 20 characters or more' })
  @MaxLength(200) @Matches(/^[\x21-\x7e]+$/, { message: 'ADMIN_API_KEY must be printable ASCII without spaces' })
  ADMIN_API_KEY?: string;

  @IsOptional()
  @Is(isRedisAddress, 'REDIS_URL must look like redis://user:password@host:6379/0 (or rediss://), with user and password percent-encoded; the last is the number of a database, and may be left out')
  REDIS_URL?: string;

  @IsIn(['all', 'web', 'worker'])
  ROLE: 'all' | 'web' | 'worker' = 'all';

  @Is(isWithoutVersion, 'GRAPH_API_BASE_URL must not end with the version, which goes into GRAPH_API_VERSION')
  @Is(isSafeForTokens, 'GRAPH_API_BASE_URL must be https:// where it is Meta itself: with http:// every call would carry an access token in clear')
  @Is(isGraphAddress, 'GRAPH_API_BASE_URL must be an http:// or https:// address, without user, query or fragment')
  GRAPH_API_BASE_URL: string = 'https://graph.instagram.com';

  @Matches(/^v\d+\.\d+$/, { message: 'GRAPH_API_VERSION must look like v26.0' })
  GRAPH_API_VERSION: string = 'v26.0';

  @Whole(3, 36500)
  EVENT_RETENTION_DAYS: number = 30;

  @Whole(1, 1000)
  SEND_LIMIT_PER_SECOND: number = 100;

  @Whole(1, 1000)
  MEDIA_LIMIT_PER_SECOND: number = 10;

  @Whole(1, 100_000)
  PRIVATE_REPLIES_PER_HOUR: number = 750;

  @Whole(1, 100)
  LOOKUPS_PER_SECOND: number = 2;

  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  LOG_LEVEL: string = 'info';
}

/** What Meta takes of one account, over all instances. */
export interface LimitSettings {
  /** Every send counts; Meta's pages say 100 (others 300). */
  readonly sendsPerSecond: number;
  /** Audio and video. */
  readonly mediaPerSecond: number;
  /** Private replies to comments. */
  readonly privateRepliesPerHour: number;
  /** Reads of a conversation. */
  readonly lookupsPerSecond: number;
}

export class InvalidEnvironmentError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not valid:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.name = 'InvalidEnvironmentError';
  }
}

/** Every typed setting, or one error that names every bad variable. An empty variable counts as absent. */
export function parseEnvironment(source: Readonly<Record<string, string | undefined>>): AppSettings {
  const given = Object.fromEntries(
    Object.entries(source)
      .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1].trim() !== '')
      // Secrets mounted from files end with a line break, which nobody means. A password may mean its blanks.
      .map(([name, value]) => [name, name === 'MYSQL_PASSWORD' ? value : value.trim()]),
  );
  const env = plainToInstance(Environment, given, { exposeDefaultValues: true });
  const problems = validateSync(env, { skipMissingProperties: false }).flatMap((e) =>
    Object.values(e.constraints ?? {}).slice(0, 1).map((text) => (text.startsWith(e.property) ? text : `${e.property}: ${text}`)),
  );
  const mysql = mysqlSettings(env, problems);
  if ((mysql !== null || env.MYSQL_URL !== undefined) && env.APP_SECRET_KEY === undefined) {
    problems.push('APP_SECRET_KEY is required when MySQL is used: base64 of 32 bytes, or a passphrase of 16 characters or more (make one with: openssl rand -base64 32)');
  }
  const previous = (env.APP_SECRET_KEY_PREVIOUS ?? '').split(',').map((k) => k.trim()).filter((k) => k !== '');
  if (previous.some((key) => key.length < 16)) {
    problems.push('APP_SECRET_KEY_PREVIOUS: each of the comma-separated keys must be base64 of 32 bytes, or 16 characters or more');
  }
  if (problems.length > 0) throw new InvalidEnvironmentError(problems);
  return Object.assign(new AppSettings(), {
    port: env.PORT,
    host: env.HOST,
    mysql,
    dataDir: env.DATA_DIR,
    secretKey: env.APP_SECRET_KEY ?? null,
    previousSecretKeys: previous,
    adminApiKey: env.ADMIN_API_KEY ?? null,
    redisUrl: env.REDIS_URL ?? null,
    role: env.ROLE,
    graphBaseUrl: env.GRAPH_API_BASE_URL.replace(/\/+$/, ''),
    graphProxied: namesProxy(given) && !LOOPBACK.has(new URL(env.GRAPH_API_BASE_URL).hostname),
    graphVersion: env.GRAPH_API_VERSION,
    eventRetentionDays: env.EVENT_RETENTION_DAYS,
    limits: {
      sendsPerSecond: env.SEND_LIMIT_PER_SECOND,
      mediaPerSecond: env.MEDIA_LIMIT_PER_SECOND,
      privateRepliesPerHour: env.PRIVATE_REPLIES_PER_HOUR,
      lookupsPerSecond: env.LOOKUPS_PER_SECOND,
    },
    logLevel: env.LOG_LEVEL,
  });
}

/** The validated settings; an injectable token by itself. */
export class AppSettings {
  readonly port!: number;
  readonly host!: string;
  /** Null: the embedded SQLite in `dataDir`. */
  readonly mysql!: MysqlSettings | null;
  readonly dataDir!: string;
  readonly secretKey!: string | null;
  readonly previousSecretKeys!: readonly string[];
  readonly adminApiKey!: string | null;
  readonly redisUrl!: string | null;
  readonly role!: 'all' | 'web' | 'worker';
  /** Without a slash at its end. */
  readonly graphBaseUrl!: string;
  /** Calls go through the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names; never those to a stand-in on this machine. */
  readonly graphProxied!: boolean;
  readonly graphVersion!: string;
  readonly eventRetentionDays!: number;
  readonly limits!: LimitSettings;
  readonly logLevel!: string;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function namesProxy(given: Readonly<Record<string, string>>): boolean {
  return ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].some((name) => name in given || name.toLowerCase() in given);
}
