import { IsOptional, Matches } from 'class-validator';
import { PageQuery } from '../common/pagination.js';

export class ListAuditQuery extends PageQuery {
  /**
   * Only entries of this account.
   * @example '17841400000000001'
   */
  @IsOptional()
  @Matches(/^\d{1,50}$/, { message: 'accountId must be 1 to 50 digits' })
  accountId?: string;

  /**
   * Only entries of this action.
   * @example 'rule.create'
   */
  @IsOptional()
  @Matches(/^[a-z_.]{1,60}$/, { message: 'action must be the name of an action, such as rule.create' })
  action?: string;
}
