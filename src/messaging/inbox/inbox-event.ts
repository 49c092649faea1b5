/** An event on its way into the inbox. */
export interface NewInboxEvent {
  readonly accountId: string;
  readonly dedupeKey: string;
  readonly kind: string;
  readonly conversationId: string | null;
  /** By what its lane is chosen; null: there is nothing to apply. */
  readonly laneKey: string | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly payload: string;
  /** In plain words; such an event is settled as it is stored. Null: it waits to be applied. */
  readonly ignoredBecause: string | null;
}

/** What is stored once: an event's key within all of the inbox. */
export function keyOf({ accountId, dedupeKey }: Pick<NewInboxEvent, 'accountId' | 'dedupeKey'>): string {
  return `${accountId} ${dedupeKey}`;
}

/** Whether it waits; the others are settled as they are stored. */
export function isToBeApplied<Event extends Pick<NewInboxEvent, 'laneKey' | 'ignoredBecause'>>(event: Event): event is Event & { readonly laneKey: string } {
  return event.ignoredBecause === null && event.laneKey !== null;
}

/** An event that belongs to no account. */
export interface NewUnroutedEvent {
  readonly dedupeKey: string;
  readonly kind: string;
  readonly reason: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly payload: string;
}

/** Everything one delivery brought, routed. */
export interface DeliveryRecords {
  readonly events: readonly NewInboxEvent[];
  readonly unrouted: readonly NewUnroutedEvent[];
}

/** An event whose turn has come. */
export interface DueEvent {
  readonly id: number;
  readonly accountId: string;
  /** Null: it names no person; its message says where it belongs. */
  readonly conversationId: string | null;
  readonly kind: string;
  readonly dedupeKey: string;
  readonly attempts: number;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly payload: string;
  /** What was decided before a replay brought it back. */
  readonly earlier: Decision | null;
}

/** Events of one conversation are taken in order, and wait for each other; one that names no person waits for nobody. */
export function turnKeyOf({ id, conversationId }: Pick<DueEvent, 'id' | 'conversationId'>): string {
  return conversationId ?? `event ${String(id)}`;
}

export interface RuleTrace {
  readonly ruleId: number;
  readonly matched: boolean;
  readonly reason: string;
}

/** Why it did, or did not, answer. Kept as JSON with the event. */
export interface Decision {
  /** The rules tried, in their order; where there were very many, those that matched and the first ones. */
  readonly rules: readonly RuleTrace[];
  /** How many were tried, where `rules` does not show them all. */
  readonly rulesTried?: number;
  /** The messages that were queued, by our ids. */
  readonly queued: readonly string[];
  /** What kept it from answering, in plain words; null when nothing did. */
  readonly stopped: string | null;
}

export interface SettledEvent {
  readonly event: DueEvent;
  readonly status: 'processed' | 'ignored';
  /** Null: an earlier decision stands, and this time there was nothing to do. */
  readonly decision: Decision | null;
}

export const NO_ANSWER = (stopped: string): Decision => ({ rules: [], queued: [], stopped });
