import { Module } from '@nestjs/common';
import { AccountsModule } from '../../accounts/index.js';
import { AuditModule } from '../../audit/index.js';
import { ConversationsModule } from '../../conversations/index.js';
import { RulesModule } from '../../rules/index.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { BeginErasure } from './begin-erasure.js';
import { EraseConversationController } from './erase-conversation.controller.js';
import { EraseConversationUseCase } from './erase-conversation.usecase.js';
import { EraseEvents } from './erase-events.js';
import { EraseMessages } from './erase-messages.js';
import { ErasedEventRepository } from './erased-event.repository.js';

/** A person asks for their data to be erased. */
@Module({
  imports: [AccountsModule, AuditModule, ConversationsModule, RulesModule, OutboxModule],
  controllers: [EraseConversationController],
  providers: [ErasedEventRepository, BeginErasure, EraseEvents, EraseMessages, EraseConversationUseCase],
})
export class ErasureModule {}
