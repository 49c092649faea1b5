import type { AccountProblem } from './account-care.js';

export const ACCOUNT_STATUSES = ['active', 'inactive'] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

export const TOKEN_STATUSES = ['valid', 'expiring', 'invalid', 'unknown'] as const;
export type TokenStatus = (typeof TOKEN_STATUSES)[number];

/** What Graph said of the token; `expiring` is not stored, since it comes about by the passing of time. */
export type StoredTokenStatus = Exclude<TokenStatus, 'expiring'>;

export interface AccountSettings {
  /** An automatic reply older than this is not sent any more. */
  readonly replyMaxAgeMinutes: number;
  /** How long automation rests after a person has answered in the app. */
  readonly takeoverMinutes: number;
  readonly optOutWords: readonly string[];
  readonly optInWords: readonly string[];
  /** What a customer who has opted out, or in again, is sent; null: words of ours. */
  readonly optOutConfirmation: string | null;
  readonly optInConfirmation: string | null;
  /** How many automatic replies may follow one another without a person. */
  readonly maxAutomaticTurns: number;
}

export const DEFAULT_SETTINGS: AccountSettings = {
  replyMaxAgeMinutes: 60,
  takeoverMinutes: 30,
  optOutWords: [],
  optInWords: [],
  optOutConfirmation: null,
  optInConfirmation: null,
  maxAutomaticTurns: 20,
};

/** Graph wants nothing to be sent for the account. */
export interface SendingPause {
  readonly until: Date;
  readonly reason: string;
}

/** An account as the rest of the service sees it: no secret in it. */
export interface Account {
  readonly id: string;
  readonly username: string;
  readonly status: AccountStatus;
  readonly settings: AccountSettings;
  readonly tokenStatus: TokenStatus;
  readonly tokenExpiresAt: Date | null;
  /** Since when the token is here, at the latest. */
  readonly tokenStoredAt: Date;
  /** False: this service leaves the account's webhook subscription alone. */
  readonly manageSubscription: boolean;
  /** Past: the pause is over, and no send has shown yet that Graph sees it so. */
  readonly sendingPausedUntil: Date | null;
  readonly sendingPausedReason: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** For administration: the token that Meta's dashboard asks for is shown to whoever may see the account. */
export interface AccountDetails extends Account {
  /** Null: the stored credentials do not open, which `problems` tells. */
  readonly webhookVerifyToken: string | null;
  /** What the service could not set right by itself. */
  readonly problems: readonly AccountProblem[];
  readonly sendingPause: SendingPause | null;
}

/** What the processing of events needs of an account, read in its own transaction. */
export interface ProcessingSettings extends AccountSettings {
  readonly username: string;
  readonly status: AccountStatus;
  /** When it was last switched on again; null: it never was off. */
  readonly activeSince: Date | null;
  /** Nothing stands in the way of a send: the token is known to work, and there is no pause, nor one that has just ended. */
  readonly sendsFreely: boolean;
}

export interface CredentialFields {
  readonly accessToken: string;
  readonly appSecret: string;
  readonly webhookVerifyToken: string;
}

export interface NewAccount {
  readonly id: string;
  readonly username: string;
  readonly accessToken: string;
  readonly appSecret: string;
  /** Absent: one is made. */
  readonly webhookVerifyToken?: string | undefined;
  readonly status?: AccountStatus | undefined;
  readonly tokenExpiresAt?: Date | null | undefined;
  readonly manageSubscription?: boolean | undefined;
  readonly settings?: Partial<AccountSettings> | undefined;
}

/** Absent fields stay as they are. */
export type AccountChanges = Partial<Omit<NewAccount, 'id'>>;

/** Where Meta delivers this account's webhooks. */
export function webhookPathOf(accountId: string): string {
  return `/webhooks/instagram/${accountId}`;
}
