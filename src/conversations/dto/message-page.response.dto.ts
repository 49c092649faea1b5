import { type MessageResponse } from './message.response.dto.js';

export class MessagePageResponse {
  items!: MessageResponse[];

  /** Give it as `?cursor=` for the next page; null at the end. */
  nextCursor!: string | null;
}
