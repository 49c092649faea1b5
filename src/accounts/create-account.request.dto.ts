import { IsBoolean, IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsTime } from '../common/is-time.decorator.js';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';
import { NestedObject } from '../common/nested-object.decorator.js';
import { ACCOUNT_STATUSES, type AccountStatus, type NewAccount } from './account.js';
import { AccountSettingsRequest } from './account-settings.request.dto.js';
import { dateOf, PRINTABLE, USERNAME, USERNAME_MESSAGE, usernameOf } from './update-account.request.dto.js';

export class CreateAccountRequest {
  /**
   * The Instagram professional account id: the one Meta sends as `entry.id`.
   * @example 17841400000000001
   */
  @IsString()
  @Matches(/^\d{1,50}$/, { message: 'id must be 1 to 50 digits, as a string' })
  id!: string;

  /**
   * The Instagram user name, without @.
   * @example example.shop
   */
  @IsString()
  @Length(1, 255)
  @Matches(USERNAME, { message: USERNAME_MESSAGE })
  username!: string;

  /**
   * The account's long-lived access token. Stored encrypted, shown in no answer.
   * @example IGAAExampleToken
   */
  @IsString()
  @Length(1, 4000)
  @Matches(PRINTABLE, { message: 'accessToken must be printable ASCII without spaces' })
  accessToken!: string;

  /**
   * The app secret that signs this account's webhooks. Stored encrypted, shown in no answer.
   * @example 0123456789abcdef0123456789abcdef
   */
  @IsString()
  @Length(1, 1000)
  @Matches(PRINTABLE, { message: 'appSecret must be printable ASCII without spaces' })
  appSecret!: string;

  /** The token you type into Meta's dashboard beside the callback address. Left out: one is made. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 1000)
  @Matches(/^\S(.*\S)?$/u, { message: 'webhookVerifyToken must be one line, without a blank at either end: it is typed into a form' })
  webhookVerifyToken?: string;

  /**
   * `inactive`: webhooks are recorded, nothing is sent. Default `active`.
   * @example active
   */
  @MayBeAbsent()
  @IsIn(ACCOUNT_STATUSES)
  status?: AccountStatus;

  /**
   * When the access token ends, where it is known.
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

  static toAccount(request: CreateAccountRequest): NewAccount {
    const { id, accessToken, appSecret, webhookVerifyToken, status, manageSubscription, settings } = request;
    return {
      id, username: usernameOf(request.username), accessToken, appSecret, webhookVerifyToken, status, manageSubscription, settings,
      tokenExpiresAt: dateOf(request.tokenExpiresAt),
    };
  }
}
