/** What went wrong, in the caller's terms; `common/http` turns it into a status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'unprocessable'
  | 'too_many_requests'
  | 'unavailable';

/**
 * The base of every error the service throws on purpose. Services throw these and never an HTTP exception.
 * `message` is shown to the caller: it names the field and the cure, and never holds a secret.
 */
export class AppError extends Error {
  constructor(
    readonly kind: ErrorKind,
    /** Stable, in snake_case, for programs. */
    readonly code: string,
    message: string,
    /** One entry per bad field, where there are several. */
    readonly details: readonly string[] = [],
    options?: ErrorOptions,
    /** For `too_many_requests` and `unavailable`: when to come back. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
