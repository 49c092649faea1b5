import { randomToken } from '../crypto/index.js';

/** An error as the Graph API words it: `{error: {message, type, code, error_subcode?, …}}`. */
export interface GraphError {
  readonly code: number;
  readonly subcode?: number;
  /** 400 unless told; a dead token answers 401, "try later" 500. */
  readonly status?: number;
  readonly transient?: boolean;
  readonly message?: string;
}

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export const WRONG_TOKEN: GraphError = { code: 190, message: 'Invalid OAuth access token - Cannot parse access token' };
export const TOKEN_EXPIRED: GraphError = { code: 190, subcode: 463, message: 'Error validating access token: Session has expired' };
/** What Meta really answers to the refresh of a token younger than a day is not known: only that it refuses. */
export const TOKEN_TOO_YOUNG: GraphError = { code: 100, message: '(#100) The token is less than 24 hours old' };
export const NO_PERMISSION: GraphError = { code: 10, message: '(#10) Application does not have permission for this action' };
export const NO_SUCH_OBJECT: GraphError = { code: 100, subcode: 33 };
export const NO_SUCH_USER: GraphError = { code: 100, subcode: 2534014 };
export const NO_CONSENT: GraphError = { code: 230, message: 'User consent is required to access user profile' };
/** Of a private reply: no such comment, too old, or it has had its one. */
export const INVALID_COMMENT: GraphError = { code: 100, subcode: 2534025 };
export const OUTSIDE_WINDOW: GraphError = { code: 10, subcode: 2534022 };
export const BAD_PARAMETER: GraphError = { code: 100 };
export const TOO_MANY_CALLS: GraphError = { code: 613, message: '(#613) Calls to this api have exceeded the rate limit.' };

const TRANSIENT_CODES = new Set([-1, 1, 2, 341]);

export function errorAnswer(error: GraphError, headers: Readonly<Record<string, string>> = {}): GraphAnswer {
  return {
    status: error.status ?? defaultStatus(error.code),
    headers,
    body: {
      error: {
        message: error.message ?? `(#${String(error.code)}) The local Meta was told to answer so`,
        type: error.code === 190 ? 'OAuthException' : 'IGApiException',
        code: error.code,
        ...(error.subcode === undefined ? {} : { error_subcode: error.subcode }),
        is_transient: error.transient ?? TRANSIENT_CODES.has(error.code),
        fbtrace_id: `A${randomToken(16)}`,
      },
    },
  };
}

function defaultStatus(code: number): number {
  if (code === 190 || code === 102) return 401;
  return TRANSIENT_CODES.has(code) ? 500 : 400;
}
