import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { ConversationRepository } from './conversation.repository.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsService } from './conversations.service.js';
import { MessageRepository } from './message.repository.js';
import { MessagesController } from './messages.controller.js';

@Module({
  imports: [AuditModule],
  controllers: [ConversationsController, MessagesController],
  providers: [ConversationsService, ConversationRepository, MessageRepository],
  exports: [ConversationsService, ConversationRepository, MessageRepository],
})
export class ConversationsModule {}
