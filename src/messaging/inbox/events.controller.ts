import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../../common/access.decorators.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import type { RequestContext } from '../../common/request-context.js';
import { EventPageResponse } from './dto/event-page.response.dto.js';
import { EventResponse } from './dto/event.response.dto.js';
import { ListEventsQuery } from './dto/list-events.query.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('Events')
@ApiBearerAuth()
@Controller('api/v1/accounts/:accountId/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'List what Meta has delivered for an account, newest first' })
  @ApiErrorAnswers(400, 401, 404)
  async list(@Param('accountId') accountId: string, @Query() query: ListEventsQuery): Promise<EventPageResponse> {
    return await this.events.list(accountId, query);
  }

  @Get(':eventId')
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'Read one event, with why it did or did not answer' })
  @ApiErrorAnswers(401, 404)
  async get(@Param('accountId') accountId: string, @Param('eventId') eventId: string): Promise<EventResponse> {
    return await this.events.get(accountId, eventId);
  }

  @Post(':eventId/replay')
  @MinimumRole('operator')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Apply a settled event again',
    description: 'Above all for dead ones. What took effect before does not do so twice; an event that still waits, or can have no effect, stays as it is.',
  })
  @ApiErrorAnswers(401, 403, 404)
  async replay(
    @Ctx() ctx: RequestContext, @Param('accountId') accountId: string, @Param('eventId') eventId: string,
  ): Promise<EventResponse> {
    return await this.events.replay(ctx, accountId, eventId);
  }
}
