export { ConversationsModule } from './conversations.module.js';
export { ConversationEntity } from './conversation.entity.js';
export { MessageEntity } from './message.entity.js';
export { ConversationRepository, type ConversationKey } from './conversation.repository.js';
export { MessageRepository } from './message.repository.js';
export { ConversationsService } from './conversations.service.js';
export { automationAt, conversationIdOf, newConversation, type AutomationState, type ConversationRow } from './conversation.js';
export { UNLISTED } from './message.js';
export type {
  Attachment, MessageDetails, MessageDirection, MessageKey, MessageOutcome, MessageRow, MessageStatus, Reaction,
} from './message.js';
export { applyChange, changesOf } from './changes/apply-change.js';
export type { ChangeContent, MessageChange } from './changes/message-change.js';
export { MessageResponse } from './dto/message.response.dto.js';
