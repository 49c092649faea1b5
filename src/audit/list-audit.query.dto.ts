import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../common/pagination.js';

export class ListAuditQuery extends PageQuery {
  /**
   * Only entries of this account.
   * @example '17841400000000001'
   */
  @IsOptional()
  @IsString()
  @MaxLength(50)
  accountId?: string;

  /**
   * Only entries of this action.
   * @example 'rule.create'
   */
  @IsOptional()
  @IsString()
  @MaxLength(60)
  action?: string;
}
