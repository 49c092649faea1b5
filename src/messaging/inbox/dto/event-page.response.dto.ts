import { type EventResponse } from './event.response.dto.js';
import { type UnroutedEventResponse } from './unrouted-event.response.dto.js';

export class EventPageResponse {
  items!: EventResponse[];

  /** Give it as `?cursor=` for the next page; null at the end. */
  nextCursor!: string | null;
}

export class UnroutedEventPageResponse {
  items!: UnroutedEventResponse[];

  /** Give it as `?cursor=` for the next page; null at the end. */
  nextCursor!: string | null;
}
