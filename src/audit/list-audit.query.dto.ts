import { IsOptional, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '../common/pagination.js';

export class ListAuditQuery extends PageQuery {
  /**
   * Only entries of this account.
   * @example 17841400000000001
   */
  @IsOptional()
  @Matches(/^\d{1,50}$/, { message: 'accountId must be 1 to 50 digits' })
  accountId?: string;

  /**
   * Only entries of this action.
   * @example account.update
   */
  @IsOptional()
  @Matches(/^[\w.-]+$/, { message: 'action must look like account.update' })
  @MaxLength(60)
  action?: string;
}
