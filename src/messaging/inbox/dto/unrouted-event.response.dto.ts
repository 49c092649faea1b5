import { ApiProperty } from '@nestjs/swagger';
import type { LoggedUnroutedEvent } from '../event-log.repository.js';
import { NO_ANSWER } from '../inbox-event.js';
import { showPayload } from '../show-payload.js';
import { DecisionResponse } from './event.response.dto.js';

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

  /** It is kept to be looked at, and nothing is done with it. */
  status!: 'pending' | 'processed' | 'ignored' | 'dead';

  /** @example 0 */
  attempts!: number;

  /** Null: nothing was tried. */
  error!: string | null;

  /** When it happened, by Meta's clock. */
  occurredAt!: Date;

  /** When Meta delivered it. */
  receivedAt!: Date;

  /** The same: there is nothing to wait for. */
  processedAt!: Date;

  /** The item as Meta sent it. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  payload!: unknown;

  /** Why it was not answered: `reason` once more, as with events of accounts. */
  decision!: DecisionResponse;

  static from(event: LoggedUnroutedEvent): UnroutedEventResponse {
    return Object.assign(new UnroutedEventResponse(), {
      id: String(event.id),
      kind: event.kind,
      reason: event.reason,
      status: 'ignored' as const,
      attempts: 0,
      error: null,
      occurredAt: event.occurredAt,
      receivedAt: event.receivedAt,
      processedAt: event.receivedAt,
      payload: showPayload(event.payload),
      decision: NO_ANSWER(event.reason),
    });
  }
}
