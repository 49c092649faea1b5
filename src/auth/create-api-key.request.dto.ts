import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { ROLES, type Role } from '../common/request-context.js';
import type { NewApiKey } from './api-key.js';

export class CreateApiKeyRequest {
  /**
   * Who or what uses the key; stands in the audit trail.
   * @example back office
   */
  @IsString()
  @Length(1, 100)
  @Matches(/^\S(.*\S)?$/, { message: 'name must be one line, without a blank at either end' })
  name!: string;

  /**
   * admin: everything; operator: rules, conversations and sends; viewer: reads.
   * @example operator
   */
  @IsIn(ROLES)
  role!: Role;

  /**
   * The only accounts the key reaches. Left out: every account.
   * @example ["17841400000000001"]
   */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @Matches(/^\d{1,50}$/, { each: true, message: 'accountIds must hold account ids of 1 to 50 digits, as strings' })
  accountIds?: string[] | null;

  static toNewKey(request: CreateApiKeyRequest): NewApiKey {
    return { name: request.name, role: request.role, accountIds: request.accountIds ?? null };
  }
}
