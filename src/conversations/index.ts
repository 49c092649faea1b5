export { ConversationsModule } from './conversations.module.js';
export { ConversationEntity } from './conversation.entity.js';
export { MessageEntity } from './message.entity.js';
export { EarlyChangeEntity } from './early-change.entity.js';
export type { EarlyChange, ExternalKey } from './early-change.js';
export { EarlyChangeRepository } from './early-change.repository.js';
export { EarlyChanges } from './early-changes.js';
export { ConversationRepository, type ConversationKey } from './conversation.repository.js';
export { MessageRepository } from './message.repository.js';
export { ConversationErasureRepository, type Erasure } from './conversation-erasure.repository.js';
export { ConversationNotFoundError, MessageNotFoundError } from './conversations.errors.js';
export { ConversationsService } from './conversations.service.js';
export { LOOKED_BACK, Takeovers } from './takeovers.js';
export {
  automationAt, conversationIdOf, newConversation, OPTED_OUT, PARTICIPANT_ID, TAKEOVER, type AutomationState, type ConversationRow,
} from './conversation.js';
export { UNLISTED } from './message.js';
export type {
  Attachment, MessageDetails, MessageDirection, MessageKey, MessageOutcome, MessageRow, MessageStatus, Reaction,
} from './message.js';
export { applyChange, changesOf } from './changes/apply-change.js';
export type { ChangeContent, MessageChange } from './changes/message-change.js';
export { MessageResponse } from './dto/message.response.dto.js';
