import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { MinimumRole } from '../../common/access.decorators.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import { PageQuery } from '../../common/pagination.js';
import { UnroutedEventPageResponse } from './dto/event-page.response.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('Events')
@ApiBearerAuth()
@Controller('api/v1/events')
export class UnroutedEventsController {
  constructor(private readonly events: EventsService) {}

  @Get('unrouted')
  @MinimumRole('admin')
  @ApiOperation({ summary: 'List well-signed deliveries that belong to no account, newest first' })
  @ApiErrorAnswers(400, 401, 403)
  async list(@Query() query: PageQuery): Promise<UnroutedEventPageResponse> {
    return await this.events.listUnrouted(query);
  }
}
