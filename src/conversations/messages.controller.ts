import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { MinimumRole } from '../common/access.decorators.js';
import { ApiErrorAnswers } from '../common/http/index.js';
import { ConversationsService } from './conversations.service.js';
import { MessageResponse } from './dto/message.response.dto.js';

@ApiTags('Messages')
@ApiBearerAuth()
@Controller('api/v1/accounts/:accountId/messages')
export class MessagesController {
  constructor(private readonly conversations: ConversationsService) {}

  @Get(':messageId')
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'Read one message, whichever way it went' })
  @ApiErrorAnswers(401, 404)
  async get(@Param('accountId') accountId: string, @Param('messageId') messageId: string): Promise<MessageResponse> {
    return await this.conversations.getMessage(accountId, messageId);
  }
}
