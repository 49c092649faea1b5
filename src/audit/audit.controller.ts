import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../common/access.decorators.js';
import { ApiErrorAnswers } from '../common/http/index.js';
import type { RequestContext } from '../common/request-context.js';
import { ScopedByCaller } from '../common/scoped-by-caller.decorator.js';
import { AuditPageDto } from './audit.response.dto.js';
import { AuditService } from './audit.service.js';
import { ListAuditQuery } from './list-audit.query.dto.js';

@ApiTags('Audit')
@ApiBearerAuth()
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @MinimumRole('admin')
  @ScopedByCaller()
  @ApiOperation({ summary: 'Who changed what, newest first' })
  @ApiErrorAnswers(400, 401, 403, 404)
  list(@Ctx() ctx: RequestContext, @Query() query: ListAuditQuery): Promise<AuditPageDto> {
    return this.audit.list(ctx, query);
  }
}
