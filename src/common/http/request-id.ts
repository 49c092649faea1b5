/** What of a request (and its `X-Request-Id`) matters here: Node's request, or a test's stand-in. */
export interface IdentifiableRequest {
  id?: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export const REQUEST_ID_HEADER = 'X-Request-Id';

/**
 * The request's id, the same at every call. It is taken over from the caller where it is harmless, since it is echoed,
 * logged and kept in the audit trail; else it is made.
 */
export function requestIdOf(request: IdentifiableRequest): string {
  if (typeof request.id === 'string') return request.id;
  const given = request.headers['x-request-id'];
  // Not newId(): a request's id need not sort by time, and this one costs a delivery next to nothing.
  const id = typeof given === 'string' && HARMLESS.test(given) ? given : globalThis.crypto.randomUUID();
  request.id = id;
  return id;
}

/** Middleware: decides the id before anything else runs, and gives it back in the answer. */
export function requestId(
  request: IdentifiableRequest,
  response: { setHeader(name: string, value: string): unknown },
  next: () => void,
): void {
  response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
  next();
}

const HARMLESS = /^[\w.-]{8,100}$/;
