import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../../common/access.decorators.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import type { RequestContext } from '../../common/request-context.js';
import { MessageResponse } from '../../conversations/index.js';
import { CancelMessageUseCase } from './cancel-message.usecase.js';
import { ListOutboxQuery } from './dto/list-outbox.query.dto.js';
import { OutboxPageResponse } from './dto/outbox.response.dto.js';
import { RetryMessageRequest } from './dto/retry-message.request.dto.js';
import { ListOutboxUseCase } from './list-outbox.usecase.js';
import { RetryMessageUseCase } from './retry-message.usecase.js';

@ApiTags('Messages')
@ApiBearerAuth()
@Controller('api/v1/accounts/:accountId')
export class OutboxController {
  constructor(
    private readonly listing: ListOutboxUseCase,
    private readonly cancelling: CancelMessageUseCase,
    private readonly retrying: RetryMessageUseCase,
  ) {}

  @Get('outbox')
  @MinimumRole('viewer')
  @ApiOperation({
    summary: 'List what is still to be sent, oldest first, with a summary',
    description: 'Settled messages leave it: read them as messages of their conversations.',
  })
  @ApiErrorAnswers(400, 401, 404)
  async list(@Param('accountId') accountId: string, @Query() query: ListOutboxQuery): Promise<OutboxPageResponse> {
    return await this.listing.execute(accountId, query);
  }

  @Post('messages/:messageId/cancel')
  @HttpCode(200)
  @MinimumRole('operator')
  @ApiOperation({
    summary: 'Take a queued message out before it is sent',
    description: 'It is `failed` then. 409 when it is on its way already, or settled.',
  })
  @ApiErrorAnswers(401, 403, 404, 409)
  async cancel(
    @Ctx() ctx: RequestContext, @Param('accountId') accountId: string, @Param('messageId') messageId: string,
  ): Promise<MessageResponse> {
    return MessageResponse.from(await this.cancelling.execute(ctx, accountId, messageId));
  }

  @Post('messages/:messageId/retry')
  @HttpCode(202)
  @MinimumRole('operator')
  @ApiOperation({
    summary: 'Send a failed message again, as it was',
    description: 'The window is checked as for a new message. Where it was never found out whether Instagram delivered it, the customer may get it twice: that takes `force`.',
  })
  @ApiBody({ type: RetryMessageRequest, required: false })
  @ApiErrorAnswers(400, 401, 403, 404, 409, 422)
  async retry(
    @Ctx() ctx: RequestContext, @Param('accountId') accountId: string, @Param('messageId') messageId: string,
    @Body() body?: RetryMessageRequest,
  ): Promise<MessageResponse> {
    return MessageResponse.from(await this.retrying.execute(ctx, accountId, messageId, body?.force === true));
  }
}
