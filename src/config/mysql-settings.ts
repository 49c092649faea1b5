import { isIP } from 'node:net';

/** MySQL's own names (`--ssl-mode`). `REQUIRED` encrypts, and takes any certificate. */
export const SSL_MODES = ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
export type SslMode = (typeof SSL_MODES)[number];

export interface MysqlSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  readonly sslMode: SslMode;
  /** The authorities that are trusted, a PEM file or its text; null: those Node trusts. */
  readonly sslCa: string | null;
}

/** What of the environment is about MySQL. */
export interface MysqlVariables {
  readonly MYSQL_URL?: string;
  readonly MYSQL_HOST?: string;
  readonly MYSQL_PORT?: number;
  readonly MYSQL_DATABASE?: string;
  readonly MYSQL_USERNAME?: string;
  readonly MYSQL_PASSWORD?: string;
  readonly MYSQL_SSL_MODE?: string;
  readonly MYSQL_SSL_CA?: string;
}

type Server = Omit<MysqlSettings, 'sslMode' | 'sslCa'>;

const MODES = SSL_MODES.join(', ');

/** Null: no MySQL, or one that `problems` says more about. */
export function mysqlSettings(env: MysqlVariables, problems: string[]): MysqlSettings | null {
  if (env.MYSQL_URL !== undefined) return fromUrl(env.MYSQL_URL, env, problems);
  const fields = [
    env.MYSQL_HOST, env.MYSQL_PORT, env.MYSQL_DATABASE, env.MYSQL_USERNAME, env.MYSQL_PASSWORD, env.MYSQL_SSL_MODE, env.MYSQL_SSL_CA,
  ];
  if (fields.every((field) => field === undefined)) return null;
  for (const name of ['MYSQL_HOST', 'MYSQL_DATABASE', 'MYSQL_USERNAME'] as const) {
    if (env[name] === undefined) problems.push(`${name} is required when MySQL is used (or give MYSQL_URL, or leave out every MYSQL_ variable for the embedded database)`);
  }
  const server = {
    host: env.MYSQL_HOST ?? '',
    port: env.MYSQL_PORT ?? 3306,
    database: env.MYSQL_DATABASE ?? '',
    username: env.MYSQL_USERNAME ?? '',
    password: env.MYSQL_PASSWORD ?? '',
  };
  return withTls(server, new URLSearchParams(), env, problems);
}

function fromUrl(text: string, env: MysqlVariables, problems: string[]): MysqlSettings | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const server = url && serverOf(url);
  if (server) return withTls(server, url.searchParams, env, problems);
  // Without the address: it holds a password.
  problems.push('MYSQL_URL must look like mysql://user:password@host:3306/database, with user and password percent-encoded');
  return null;
}

function serverOf(url: URL): Server | null {
  try {
    const database = decodeURIComponent(url.pathname.slice(1));
    // More than a name, or a fragment: a password that is not percent-encoded has been taken apart.
    const isWhole = url.hash === '' && /^[^/@]+$/.test(database);
    if ((url.protocol !== 'mysql:' && url.protocol !== 'mariadb:') || url.hostname === '' || !isWhole) return null;
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? 3306 : Number(url.port),
      database,
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    };
  } catch {
    return null; // a percent sign that encodes nothing
  }
}

/** What the address says about TLS comes before the variables. */
function withTls(server: Server, parameters: URLSearchParams, env: MysqlVariables, problems: string[]): MysqlSettings {
  let mode: string | undefined = env.MYSQL_SSL_MODE;
  let ca = env.MYSQL_SSL_CA;
  for (const [name, value] of parameters) {
    if (/^ssl[-_]?mode$/i.test(name)) mode = value;
    else if (/^ssl[-_]?ca$/i.test(name)) ca = value;
    else if (name === 'ssl') mode = modeOfDriverOption(value);
    // Whoever says anything about it must not be connected in clear.
    else if (/ssl|tls/i.test(name)) problems.push(`MYSQL_URL: the parameter ${name} is not known here; say ssl-mode=VERIFY_IDENTITY (one of ${MODES}), and ssl-ca=<file> where the certificate is of an authority of your own`);
  }
  const sslMode = SSL_MODES.find((one) => one === (mode ?? (ca === undefined ? 'DISABLED' : 'VERIFY_CA')).toUpperCase());
  if (!sslMode) problems.push(`MYSQL_SSL_MODE (in MYSQL_URL: ssl-mode) must be one of ${MODES}`);
  if (ca !== undefined && (sslMode === 'DISABLED' || sslMode === 'REQUIRED')) {
    problems.push(`MYSQL_SSL_CA (in MYSQL_URL: ssl-ca) is of no use with ${sslMode}, which checks no certificate: say VERIFY_CA or VERIFY_IDENTITY`);
  }
  if (sslMode === 'VERIFY_IDENTITY' && isIP(server.host) !== 0) {
    problems.push('MYSQL_SSL_MODE: VERIFY_IDENTITY needs the name of the host that stands in its certificate, not its address; or say VERIFY_CA');
  }
  return { ...server, sslMode: sslMode ?? 'VERIFY_IDENTITY', sslCa: ca ?? null };
}

/** `ssl={"rejectUnauthorized":true}`, as the console of a hosted database prints it for Node's driver. */
function modeOfDriverOption(value: string): string {
  return MODES_OF_DRIVER.get(value.replace(/\s/g, '')) ?? value;
}

const MODES_OF_DRIVER = new Map([
  ['{"rejectUnauthorized":true}', 'VERIFY_IDENTITY'],
  ['{"rejectUnauthorized":false}', 'REQUIRED'],
  ['true', 'VERIFY_IDENTITY'],
]);
