/** Provider token of the `AccountVerifier`. */
export const ACCOUNT_VERIFIER = Symbol('ACCOUNT_VERIFIER');

export interface VerificationRequest {
  readonly accountId: string;
  readonly accessToken: string;
}

export interface Verification {
  /** True: Graph accepted the token, and it belongs to this account. */
  readonly ok: boolean;
  /** The professional account id Graph gave, or null where it gave none. */
  readonly userId: string | null;
  readonly username: string | null;
  /** Why not, in words for people; never holds the token. */
  readonly error: string | null;
}

/** Asks Meta whom a token belongs to. Never throws: that Graph cannot be reached is an answer too. */
export interface AccountVerifier {
  verify(request: VerificationRequest): Promise<Verification>;
}
