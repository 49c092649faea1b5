import { Controller, Delete, HttpCode, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../../common/access.decorators.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import type { RequestContext } from '../../common/request-context.js';
import { EraseConversationUseCase } from './erase-conversation.usecase.js';

@ApiTags('Conversations')
@ApiBearerAuth()
@Controller('api/v1/accounts/:accountId/conversations')
export class EraseConversationController {
  constructor(private readonly erasing: EraseConversationUseCase) {}

  @Delete(':conversationId')
  @HttpCode(204)
  @MinimumRole('admin')
  @ApiOperation({
    summary: 'Erase a conversation: all that is kept of this person in this account',
    description: 'Messages, names, what Meta delivered; what is queued is cancelled. Of a customer who has opted out the ids and the opt-out remain, so that it is still heeded. 409 while a message is on its way or uncertain, or an event waits: ask again in a minute. If it was broken off, ask again: that completes it.',
  })
  @ApiErrorAnswers(401, 403, 404, 409)
  async erase(
    @Ctx() ctx: RequestContext, @Param('accountId') accountId: string, @Param('conversationId') conversationId: string,
  ): Promise<void> {
    await this.erasing.execute(ctx, accountId, conversationId);
  }
}
