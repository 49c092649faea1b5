import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../common/access.decorators.js';
import { ApiErrorAnswers } from '../common/http/index.js';
import { PageQuery } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { ConversationsService } from './conversations.service.js';
import { ConversationPageResponse } from './dto/conversation-page.response.dto.js';
import { ConversationResponse } from './dto/conversation.response.dto.js';
import { MessagePageResponse } from './dto/message-page.response.dto.js';
import { UpdateConversationRequest } from './dto/update-conversation.request.dto.js';

@ApiTags('Conversations')
@ApiBearerAuth()
@Controller('api/v1/accounts/:accountId/conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Get()
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'List the conversations of an account, the most recent first' })
  @ApiErrorAnswers(400, 401, 404)
  async list(@Param('accountId') accountId: string, @Query() query: PageQuery): Promise<ConversationPageResponse> {
    return await this.conversations.list(accountId, query);
  }

  @Get(':conversationId')
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'Read one conversation' })
  @ApiErrorAnswers(401, 404)
  async get(
    @Param('accountId') accountId: string, @Param('conversationId') conversationId: string,
  ): Promise<ConversationResponse> {
    return await this.conversations.get(accountId, conversationId);
  }

  @Patch(':conversationId')
  @MinimumRole('operator')
  @ApiOperation({ summary: 'Pause or resume the automatic answers in a conversation' })
  @ApiErrorAnswers(400, 401, 403, 404)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('accountId') accountId: string,
    @Param('conversationId') conversationId: string,
    @Body() body: UpdateConversationRequest,
  ): Promise<ConversationResponse> {
    return await this.conversations.setAutomation(ctx, accountId, conversationId, body.automation);
  }

  @Get(':conversationId/messages')
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'List the messages of a conversation, the newest first' })
  @ApiErrorAnswers(400, 401, 404)
  async listMessages(
    @Param('accountId') accountId: string, @Param('conversationId') conversationId: string, @Query() query: PageQuery,
  ): Promise<MessagePageResponse> {
    return await this.conversations.listMessages(accountId, conversationId, query);
  }
}
