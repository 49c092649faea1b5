/**
 * Takes secrets out of whatever is about to be logged. It works on names (a field called `accessToken` is never
 * written) and on shapes (a bearer token inside a sentence), so that a library's error cannot carry one into a line.
 */
export const REDACTED = '[redacted]';

const SECRET_FIELDS = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'xhubsignature',
  'xhubsignature256',
  'accesstoken',
  'appsecret',
  'clientsecret',
  'appsecretproof',
  'verifytoken',
  'hubverifytoken',
  'webhookverifytoken',
  'password',
  'passphrase',
  'secret',
  'secretkey',
  'appsecretkey',
  'apikey',
  'adminapikey',
  'xapikey',
  'token',
  'signedrequest',
]);

/** What a failed HTTP call drags along: its whole request, headers and body. None of it belongs in a log. */
const TRANSPORT_FIELDS = new Set([
  'config',
  'request',
  'response',
  'socket',
  'agent',
  'httpAgent',
  'httpsAgent',
  'parameters',
  'driverError',
]);

/**
 * Each must begin with something that a run of its own signs cannot be taken for: what begins anywhere within such a run is read
 * to its end from every sign of it, and an address is a stranger's to choose.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  // In a URL, a form or a sentence: access_token=…, hub.verify_token=…
  [
    /((?:access_token|verify_token|client_secret|app_secret|appsecret_proof|input_token|signed_request|password|api_key)=)[^&\s"'<>\\]+/gi,
    `$1${REDACTED}`,
  ],
  // In JSON, also JSON inside a JSON string.
  [
    /("(?:access_?token|app_?secret|client_?secret|(?:webhook_?|hub\.)?verify_?token|authorization|password|api_?key)\\*"\s*:\s*\\*")[^"\\]*/gi,
    `$1${REDACTED}`,
  ],
  // user:password@host in a connection string
  [/(:\/\/[^\s:/@"'\\]*:)[^\s/@"'<>\\]+@/g, `$1${REDACTED}@`],
  // Meta's own tokens, wherever they stand
  [/\b(?:IG|EA)[A-Za-z0-9_-]{40,}/g, REDACTED],
];

const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 8000;

export class Scrubber {
  private readonly known: readonly string[];

  /** @param secrets values known at start (the administrator's key, the database password), removed wherever they appear */
  constructor(secrets: readonly (string | null | undefined)[] = []) {
    this.known = secrets.filter((secret): secret is string => typeof secret === 'string' && secret.length >= 6);
  }

  text(text: string): string {
    let clean = text;
    for (const secret of this.known) clean = clean.replaceAll(secret, REDACTED);
    for (const [shape, replacement] of SHAPES) clean = clean.replace(shape, replacement);
    return clean;
  }

  /** A copy that is safe to write; the value itself is not touched. */
  value(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.text(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Date) return value;
    if (value instanceof Error) return this.error(value, depth);
    if (depth >= MAX_DEPTH) return '[deeper]';
    if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
    if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => this.value(item, depth + 1));
    return this.fields(value, depth);
  }

  /** Name, message, stack, code and cause; nothing else an error may have been given. */
  error(error: Error, depth = 0): Record<string, unknown> {
    const clean: Record<string, unknown> = { type: error.name, message: this.text(error.message) };
    if (error.stack !== undefined) clean['stack'] = this.text(error.stack);
    for (const name of ['code', 'errno', 'status', 'sqlState'] as const) {
      const detail: unknown = (error as unknown as Record<string, unknown>)[name];
      if (typeof detail === 'string' || typeof detail === 'number') clean[name] = this.value(detail);
    }
    if (error.cause !== undefined && depth < MAX_DEPTH) clean['cause'] = this.value(error.cause, depth + 1);
    return clean;
  }

  private fields(value: object, depth: number): Record<string, unknown> {
    const clean: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(value).slice(0, MAX_ITEMS)) {
      if (isSecretField(name)) clean[name] = REDACTED;
      else if (TRANSPORT_FIELDS.has(name) && typeof field === 'object' && field !== null) clean[name] = '[left out]';
      else clean[name] = this.value(field, depth + 1);
    }
    return clean;
  }
}

function isSecretField(name: string): boolean {
  return SECRET_FIELDS.has(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
}
