import { Type } from 'class-transformer';
import { IsIn, IsISO8601, IsOptional, IsString, Length, Matches, ValidateNested } from 'class-validator';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';
import { ACCOUNT_STATUSES, type AccountStatus, type NewAccount } from './account.js';
import { AccountSettingsRequest } from './account-settings.request.dto.js';
import { dateOf, PRINTABLE, TIME } from './update-account.request.dto.js';

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
  @Matches(/^\S(.*\S)?$/, { message: 'username must not begin or end with a blank' })
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
  @IsISO8601({ strict: true })
  @Matches(TIME, { message: 'tokenExpiresAt must be an ISO 8601 time with its zone, such as 2027-01-31T12:00:00Z' })
  tokenExpiresAt?: string | null;

  @MayBeAbsent()
  @ValidateNested()
  @Type(() => AccountSettingsRequest)
  settings?: AccountSettingsRequest;

  static toAccount(request: CreateAccountRequest): NewAccount {
    const { id, username, accessToken, appSecret, webhookVerifyToken, status, settings } = request;
    return {
      id, username, accessToken, appSecret, webhookVerifyToken, status, settings, tokenExpiresAt: dateOf(request.tokenExpiresAt),
    };
  }
}
