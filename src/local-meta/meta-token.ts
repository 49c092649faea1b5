import { TOKEN_EXPIRED, WRONG_TOKEN, type GraphError } from './graph-error.js';

export const TOKEN_LIVES_MS = 5_184_000_000;
const DAY_MS = 24 * 60 * 60_000;
/** A token nobody said anything about is half through its sixty days. */
const AGE_MS = 30 * DAY_MS;

export interface TokenTimes {
  readonly issuedAt?: Date;
  /** Default: sixty days after it was issued. */
  readonly expiresAt?: Date;
}

/** A long-lived access token, and what has become of it. */
export class MetaToken {
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  private revoked: GraphError | null = null;

  constructor(
    readonly accountId: string,
    times: TokenTimes = {},
  ) {
    this.issuedAt = times.issuedAt ?? new Date(Date.now() - AGE_MS);
    this.expiresAt = times.expiresAt ?? new Date(this.issuedAt.getTime() + TOKEN_LIVES_MS);
  }

  /** @param subcode why: 458 app removed, 460 password changed, … */
  revoke(subcode?: number): void {
    this.revoked = { ...WRONG_TOKEN, subcode };
  }

  /** What every call with it is answered; null: it opens its account. */
  refusal(now: Date): GraphError | null {
    return this.revoked ?? (this.expiresAt <= now ? TOKEN_EXPIRED : null);
  }

  /** Meta refreshes only what is a day old. */
  mayBeRefreshed(now: Date): boolean {
    return now.getTime() - this.issuedAt.getTime() >= DAY_MS;
  }
}
