import { ApiProperty } from '@nestjs/swagger';
import type { EventStatus, LoggedEvent } from '../event-log.repository.js';
import { showPayload } from '../show-payload.js';

export class RuleTraceResponse {
  /** @example 7 */
  ruleId!: number;

  /** Whether its trigger fits; one that is passed over all the same says why. */
  matched!: boolean;

  /** @example "the text does not contain \"price\"" */
  reason!: string;
}

export class DecisionResponse {
  /** The rules tried, in their order, up to the one that answered. Of more than 20, those that matched, the last one and the first ones. */
  rules!: RuleTraceResponse[];

  /** How many were tried, where `rules` does not show them all. */
  rulesTried?: number;

  /** The messages that were queued, by their ids. */
  queued!: string[];

  /**
   * What kept it from answering, in plain words; null when nothing did.
   * @example "automation is paused in this conversation"
   */
  stopped!: string | null;
}

export class EventResponse {
  /** @example "4711" */
  id!: string;

  /**
   * message, postback, echo, reaction, read, unsend, edit, comment …
   * @example "message"
   */
  kind!: string;

  /** @example "processed" */
  status!: 'pending' | 'processed' | 'ignored' | 'dead';

  /** How often it was tried to apply it. */
  attempts!: number;

  /** Why the latest attempt failed. */
  error!: string | null;

  /** When it happened, by Meta's clock. */
  occurredAt!: Date;

  /** When Meta delivered it. */
  receivedAt!: Date;

  /** When it was applied, ignored or given up; null while it waits. */
  processedAt!: Date | null;

  /** The item as Meta sent it; ids beyond 2^53 as strings. Text where it is nested too deeply for a client to read. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  payload!: unknown;

  /** Why it did, or did not, answer; null until it has been applied. While one waits that is replayed, what was decided before. */
  decision!: DecisionResponse | null;

  static from(event: LoggedEvent): EventResponse {
    return Object.assign(new EventResponse(), {
      id: String(event.id),
      kind: event.kind,
      status: event.status satisfies EventStatus,
      attempts: event.attempts,
      error: event.error,
      occurredAt: event.occurredAt,
      receivedAt: event.receivedAt,
      processedAt: event.processedAt,
      payload: showPayload(event.payload),
      decision: event.decision === null ? null : (JSON.parse(event.decision) as DecisionResponse),
    });
  }
}
