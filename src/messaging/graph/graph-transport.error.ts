/**
 * The call got no answer. Made from scratch instead of wrapping the HTTP library's error, which carries the request's
 * headers, and with them the token.
 */
export class GraphTransportError extends Error {
  constructor(
    /** ECONNRESET, ETIMEDOUT, … */
    readonly code: string,
    /** True when Graph cannot have got the request: no connection ever stood. */
    readonly neverSent: boolean,
  ) {
    super(`Graph could not be reached (${code})`);
    this.name = 'GraphTransportError';
  }
}

/** No connection ever stood: none of the request can have been written. Of the HTTP library's error only the code is kept. */
export class NotConnectedError extends Error {
  constructor(readonly code: string) {
    super(`No connection (${code})`);
    this.name = 'NotConnectedError';
  }

  static from(error: unknown): NotConnectedError {
    return new NotConnectedError(codeOf(error));
  }
}

/**
 * Codes that tell of a connection that never came about: no route, no name, nobody listening, no trusted TLS. Of one that stood,
 * some of them tell as well that the way was lost; then they come of reading or writing.
 */
const BEFORE_WRITING = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL', 'EMFILE',
  'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_INVALID_URL',
]);

/** Whatever the HTTP library threw, without anything that could hold a secret. */
export function toTransportError(error: unknown): GraphTransportError {
  const code = codeOf(error);
  const syscall = syscallOf(error);
  // ETIMEDOUT of `connect` is the operating system giving up on the handshake; any other time-out comes too late to know.
  const connecting = code === 'ETIMEDOUT' && syscall === 'connect';
  const beforeWriting = BEFORE_WRITING.has(code) && syscall !== 'read' && syscall !== 'write';
  return new GraphTransportError(code, error instanceof NotConnectedError || beforeWriting || connecting);
}

function codeOf(error: unknown): string {
  const own = property(error, 'code');
  if (own !== undefined && own !== '') return own;
  const cause: unknown = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return property(cause, 'code') ?? 'no answer';
}

function syscallOf(error: unknown): string | undefined {
  const cause: unknown = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return property(error, 'syscall') ?? property(cause, 'syscall');
}

function property(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined;
  const found: unknown = (value as Record<string, unknown>)[name];
  return typeof found === 'string' ? found : undefined;
}
