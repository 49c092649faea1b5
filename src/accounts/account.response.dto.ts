import type { Page } from '../common/pagination.js';
import type { AccountProblem, ProblemSubject } from './account-care.js';
import { webhookPathOf, type AccountDetails, type AccountSettings, type AccountStatus, type TokenStatus } from './account.js';

export class AccountSettingsResponse {
  /** @example 60 */
  replyMaxAgeMinutes!: number;
  /** @example 30 */
  takeoverMinutes!: number;
  /** @example ["stop"] */
  optOutWords!: string[];
  /** @example ["start"] */
  optInWords!: string[];
  /**
   * Absent unless set.
   * @example "You will get no more automatic messages."
   */
  optOutConfirmation?: string;
  /**
   * Absent unless set.
   * @example "Welcome back!"
   */
  optInConfirmation?: string;
  /** @example 20 */
  maxAutomaticTurns!: number;

  static from({ optOutConfirmation, optInConfirmation, ...settings }: AccountSettings): AccountSettingsResponse {
    return {
      ...settings,
      optOutWords: [...settings.optOutWords],
      optInWords: [...settings.optInWords],
      ...(optOutConfirmation === null ? {} : { optOutConfirmation }),
      ...(optInConfirmation === null ? {} : { optInConfirmation }),
    };
  }
}

export class AccountProblemResponse {
  /** What it is about: the access `token`, the webhook `subscription`, or stored `credentials` that do not open. */
  about!: ProblemSubject;

  /** What is wrong, and what to do. */
  message!: string;

  /** @example 2026-01-31T12:00:00.000Z */
  since!: string;

  static from(problem: AccountProblem): AccountProblemResponse {
    return { about: problem.about, message: problem.message, since: problem.since.toISOString() };
  }
}

/** An access token or an app secret is in no answer. */
export class AccountResponse {
  /** @example 17841400000000001 */
  id!: string;

  /** @example example.shop */
  username!: string;

  /** @example active */
  status!: AccountStatus;

  /** To be typed into Meta's dashboard. Null only where the stored credentials do not open, which `problems` tells. */
  webhookVerifyToken!: string | null;

  /**
   * The callback address, after this server's own.
   * @example /webhooks/instagram/17841400000000001
   */
  webhookPath!: string;

  /** @example 2027-01-31T12:00:00.000Z */
  tokenExpiresAt!: string | null;

  /**
   * What Graph last said of the access token; `expiring` in its last seven days, `unknown` until Graph was asked.
   * @example valid
   */
  tokenStatus!: TokenStatus;

  /**
   * Only while Instagram wants nothing to be sent for the account: until when. A PATCH with `status: active` or a new
   * access token ends it.
   * @example 2026-01-31T12:00:00.000Z
   */
  sendingPausedUntil?: string;

  /** Why, and what to do about it. */
  sendingPausedReason?: string;

  /** @example 2026-01-31T12:00:00.000Z */
  createdAt!: string;

  /** @example 2026-01-31T12:00:00.000Z */
  updatedAt!: string;

  settings!: AccountSettingsResponse;

  /** Only when false: this server leaves the account's webhook subscription to you. */
  manageSubscription?: false;

  /** Only when there are any: what this server could not set right by itself. */
  problems?: AccountProblemResponse[];

  static from(account: AccountDetails): AccountResponse {
    return {
      id: account.id,
      username: account.username,
      status: account.status,
      webhookVerifyToken: account.webhookVerifyToken,
      webhookPath: webhookPathOf(account.id),
      tokenExpiresAt: account.tokenExpiresAt?.toISOString() ?? null,
      tokenStatus: account.tokenStatus,
      ...(account.sendingPause && {
        sendingPausedUntil: account.sendingPause.until.toISOString(), sendingPausedReason: account.sendingPause.reason,
      }),
      createdAt: account.createdAt.toISOString(),
      updatedAt: account.updatedAt.toISOString(),
      settings: AccountSettingsResponse.from(account.settings),
      ...(account.manageSubscription ? {} : { manageSubscription: false }),
      ...(account.problems.length > 0 ? { problems: account.problems.map((problem) => AccountProblemResponse.from(problem)) } : {}),
    };
  }
}

export class AccountPageResponse {
  items!: AccountResponse[];

  /** Pass as `cursor` to get the next page; null at the end. */
  nextCursor!: string | null;

  static from(page: Page<AccountDetails>): AccountPageResponse {
    return { items: page.items.map((account) => AccountResponse.from(account)), nextCursor: page.nextCursor };
  }
}
