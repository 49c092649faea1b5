import { IsBoolean, IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsTime } from '../common/is-time.decorator.js';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';
import { NestedObject } from '../common/nested-object.decorator.js';
import { ACCOUNT_STATUSES, type AccountChanges, type AccountStatus } from './account.js';
import { AccountSettingsRequest } from './account-settings.request.dto.js';

/** Credentials travel in headers: anything else could not be sent, or would end a header early. */
export const PRINTABLE = /^[\x21-\x7e]+$/;

export const USERNAME = /^@?[^\s@](.{0,253}\S)?$/u;
export const USERNAME_MESSAGE = 'username must be one line of at most 255 characters, without a blank at either end';

/** What is left out stays as it is. */
export class UpdateAccountRequest {
  /**
   * The Instagram user name, without @.
   * @example example.shop
   */
  @MayBeAbsent()
  @IsString()
  @Length(1, 255)
  @Matches(USERNAME, { message: USERNAME_MESSAGE })
  username?: string;

  /** The account's long-lived access token. Stored encrypted, shown in no answer. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 4000)
  @Matches(PRINTABLE, { message: 'accessToken must be printable ASCII without spaces' })
  accessToken?: string;

  /** The app secret that signs this account's webhooks. Stored encrypted, shown in no answer. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 1000)
  @Matches(PRINTABLE, { message: 'appSecret must be printable ASCII without spaces' })
  appSecret?: string;

  /** The token you type into Meta's dashboard beside the callback address. Left out of a new account: one is made. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 1000)
  @Matches(/^\S(.*\S)?$/u, { message: 'webhookVerifyToken must be one line, without a blank at either end: it is typed into a form' })
  webhookVerifyToken?: string;

  /**
   * `inactive`: webhooks are recorded, nothing is sent.
   * @example active
   */
  @MayBeAbsent()
  @IsIn(ACCOUNT_STATUSES)
  status?: AccountStatus;

  /**
   * When the access token ends; null where it is not known.
   * @example 2027-01-31T12:00:00.000Z
   */
  @IsOptional()
  @IsTime()
  tokenExpiresAt?: string | null;

  /**
   * False: this server leaves the account's webhook subscription (`subscribed_apps`) to you. Default true: it is set when
   * the account is added, checked every hour and repaired.
   * @example true
   */
  @MayBeAbsent()
  @IsBoolean()
  manageSubscription?: boolean;

  @MayBeAbsent()
  @NestedObject(() => AccountSettingsRequest)
  settings?: AccountSettingsRequest;

  static toChanges(request: UpdateAccountRequest): AccountChanges {
    const { accessToken, appSecret, webhookVerifyToken, status, manageSubscription, settings } = request;
    return {
      username: request.username === undefined ? undefined : usernameOf(request.username), accessToken, appSecret, webhookVerifyToken, status, manageSubscription, settings,
      tokenExpiresAt: dateOf(request.tokenExpiresAt),
    };
  }
}

/** Comments name people without the @ that is written before a name: with it the account's own would be answered. */
export function usernameOf(given: string): string {
  return given.replace(/^@/, '');
}

/** Absent stays absent: it means "as it is". */
export function dateOf(time: string | null | undefined): Date | null | undefined {
  return typeof time === 'string' ? new Date(time) : time;
}
