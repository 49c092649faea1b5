import { ApiProperty } from '@nestjs/swagger';
import type { LoggedUnroutedEvent } from '../event-log.repository.js';
import { showPayload } from '../show-payload.js';

export class UnroutedEventResponse {
  /** @example "12" */
  id!: string;

  /** @example "message" */
  kind!: string;

  /**
   * Why it belongs to no account.
   * @example "no account has this id"
   */
  reason!: string;

  /** When it happened, by Meta's clock. */
  occurredAt!: Date;

  /** When Meta delivered it. */
  receivedAt!: Date;

  /** The item as Meta sent it. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  payload!: unknown;

  static from(event: LoggedUnroutedEvent): UnroutedEventResponse {
    return Object.assign(new UnroutedEventResponse(), {
      id: String(event.id),
      kind: event.kind,
      reason: event.reason,
      occurredAt: event.occurredAt,
      receivedAt: event.receivedAt,
      payload: showPayload(event.payload),
    });
  }
}
