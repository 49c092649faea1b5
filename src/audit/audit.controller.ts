import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { Ctx, MinimumRole } from '../common/access.decorators.js';
import { PageQuery } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { AuditPageDto } from './audit.response.dto.js';
import { AuditService } from './audit.service.js';

export class AuditQuery extends PageQuery {
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

@ApiTags('audit')
@ApiBearerAuth()
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @MinimumRole('admin')
  @ApiOperation({ summary: 'Who changed what, newest first' })
  list(@Ctx() ctx: RequestContext, @Query() query: AuditQuery): Promise<AuditPageDto> {
    return this.audit.list(ctx, query);
  }
}
