/** What Graph answered, whatever the status. */
export interface GraphAnswer {
  readonly status: number;
  /** Parsed with big ids kept as text; undefined when it was no JSON (a proxy's page, say). */
  readonly body: unknown;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Graph's error envelope. The message is localised: nothing may be decided by it. */
export interface GraphError {
  readonly code: number;
  readonly subcode: number | null;
  readonly transient: boolean;
  readonly message: string | null;
  /** Meta's support asks for it. */
  readonly traceId: string | null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An id or name, also where Meta sends it as a number. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' ? String(value) : null;
}

/** The error in an answer, or null. Tolerates the flat form of the token endpoint. */
export function graphErrorOf(body: unknown): GraphError | null {
  if (!isRecord(body)) return null;
  const error = isRecord(body['error']) ? body['error'] : 'error_message' in body ? body : null;
  if (!error) return null;
  const code = Number(error['code']);
  if (!Number.isInteger(code)) return null;
  const subcode = Number(error['error_subcode']);
  return {
    code,
    subcode: Number.isInteger(subcode) && subcode !== 0 ? subcode : null,
    transient: String(error['is_transient']) === 'true',
    message: textOf(error['message']) ?? textOf(error['error_message']),
    traceId: textOf(error['fbtrace_id']),
  };
}

/** `190/463`, as people look it up. */
export function codeText(error: GraphError): string {
  return error.subcode === null ? String(error.code) : `${String(error.code)}/${String(error.subcode)}`;
}
