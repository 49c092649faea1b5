import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { ConversationErasureRepository } from './conversation-erasure.repository.js';
import { ConversationRepository } from './conversation.repository.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsService } from './conversations.service.js';
import { EarlyChangeRepository } from './early-change.repository.js';
import { EarlyChanges } from './early-changes.js';
import { MessageRepository } from './message.repository.js';
import { MessagesController } from './messages.controller.js';
import { Takeovers } from './takeovers.js';

const shared = [ConversationRepository, ConversationErasureRepository, MessageRepository, EarlyChangeRepository, EarlyChanges];

@Module({
  imports: [AuditModule],
  controllers: [ConversationsController, MessagesController],
  providers: [ConversationsService, Takeovers, ...shared],
  exports: [ConversationsService, ...shared],
})
export class ConversationsModule {}
