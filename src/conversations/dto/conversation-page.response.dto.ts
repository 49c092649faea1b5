import { type ConversationResponse } from './conversation.response.dto.js';

export class ConversationPageResponse {
  items!: ConversationResponse[];

  /** Give it as `?cursor=` for the next page; null at the end. */
  nextCursor!: string | null;
}
