import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import {
  MESSAGE_ENDS, REFUSALS, SEND_RESULTS, Telemetry, type CareOutcome, type CareTask, type DeliveryResult, type EventResult, type MessageEnd,
  type Refusal, type SendResult,
} from '../common/telemetry.js';
import { MetricsRegistry } from './metrics.registry.js';
import { RefusalLog } from './refusal.log.js';

const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SLOW = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

const DELIVERY_RESULTS = [
  'accepted',
  'bad_signature',
  'unknown_account',
  'not_json',
  'unavailable',
] satisfies DeliveryResult[];

const CARE_TASKS = ['token', 'subscription'] satisfies CareTask[];
const CARE_OUTCOMES = ['fine', 'changed', 'failed'] satisfies CareOutcome[];

/** More kinds than this are somebody's invention, and become `other`: every label value is a series kept for ever. */
const MAX_KINDS = 60;

@Injectable()
export class PrometheusTelemetry extends Telemetry {
  private readonly kinds = new Set<string>();
  private readonly deliveries;
  private readonly deliverySeconds;
  private readonly refusals;
  private readonly refusalLog = new RefusalLog();
  private readonly stored;
  private readonly duplicates;
  private readonly settled;
  private readonly eventLatency;
  private readonly sends;
  private readonly sendSeconds;
  private readonly ends;
  private readonly looks;

  constructor(registry: MetricsRegistry) {
    super();
    const registers = [registry];
    this.deliveries = new Counter({
      name: 'instagram_deliveries_total',
      help: 'Webhook requests answered, by result.',
      labelNames: ['result'],
      registers,
    });
    this.deliverySeconds = new Histogram({
      name: 'instagram_delivery_duration_seconds',
      help: 'From the arrival of a webhook request to its answer; an accepted one is stored by then.',
      labelNames: ['result'],
      buckets: FAST,
      registers,
    });
    this.refusals = new Counter({
      name: 'instagram_deliveries_refused_total',
      help: 'Webhook requests answered 503, to be delivered again by Meta, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.stored = new Counter({
      name: 'instagram_events_stored_total',
      help: 'New events stored, by kind.',
      labelNames: ['kind'],
      registers,
    });
    this.duplicates = new Counter({
      name: 'instagram_events_duplicate_total',
      help: 'Events delivered again that were already stored, by kind.',
      labelNames: ['kind'],
      registers,
    });
    this.settled = new Counter({
      name: 'instagram_events_settled_total',
      help: 'Events that were processed, ignored, put off (retry) or given up (dead), by kind.',
      labelNames: ['kind', 'result'],
      registers,
    });
    this.eventLatency = new Histogram({
      name: 'instagram_event_latency_seconds',
      help: 'From an event being received to its being processed, ignored or given up.',
      labelNames: ['result'],
      buckets: SLOW,
      registers,
    });
    this.sends = new Counter({
      name: 'instagram_sends_total',
      help: 'Attempts to send, by what came of the call; held_back ones were not called.',
      labelNames: ['result'],
      registers,
    });
    this.sendSeconds = new Histogram({
      name: 'instagram_send_duration_seconds',
      help: 'How long the call to the Graph API took, by result.',
      labelNames: ['result'],
      buckets: SLOW,
      registers,
    });
    this.looks = new Counter({
      name: 'instagram_account_care_total',
      help: 'Looks at an access token or a webhook subscription: all well, renewed or set, or failed.',
      labelNames: ['task', 'outcome'],
      registers,
    });
    this.ends = new Counter({
      name: 'instagram_messages_ended_total',
      help: 'Messages that were to be sent and are settled, by how they ended.',
      labelNames: ['end'],
      registers,
    });
    // A series that appears with its first occurrence hides that occurrence from increase() and rate().
    for (const result of DELIVERY_RESULTS) this.deliveries.inc({ result }, 0);
    for (const reason of REFUSALS) this.refusals.inc({ reason }, 0);
    for (const result of SEND_RESULTS) this.sends.inc({ result }, 0);
    for (const end of MESSAGE_ENDS) this.ends.inc({ end }, 0);
    for (const task of CARE_TASKS) for (const outcome of CARE_OUTCOMES) this.looks.inc({ task, outcome }, 0);
  }

  override deliveryReceived(result: DeliveryResult, seconds: number): void {
    this.deliveries.inc({ result });
    this.deliverySeconds.observe({ result }, seconds);
  }

  override deliveryRefused(reason: Refusal): void {
    this.refusals.inc({ reason });
    this.refusalLog.note(reason);
  }

  override eventsStored(kind: string, count: number, duplicates: number): void {
    const label = this.known(kind);
    if (count > 0) this.stored.inc({ kind: label }, count);
    if (duplicates > 0) this.duplicates.inc({ kind: label }, duplicates);
  }

  override eventSettled(kind: string, result: EventResult, latencySeconds: number): void {
    this.settled.inc({ kind: this.known(kind), result });
    if (result !== 'retry') this.eventLatency.observe({ result }, Math.max(0, latencySeconds));
  }

  override sendSettled(result: SendResult, seconds: number): void {
    this.sends.inc({ result });
    if (result !== 'held_back') this.sendSeconds.observe({ result }, Math.max(0, seconds));
  }

  override messageEnded(end: MessageEnd): void {
    this.ends.inc({ end });
  }

  override accountLookedAfter(task: CareTask, outcome: CareOutcome): void {
    this.looks.inc({ task, outcome });
  }

  private known(kind: string): string {
    if (this.kinds.has(kind)) return kind;
    if (this.kinds.size >= MAX_KINDS) return 'other';
    this.kinds.add(kind);
    return kind;
  }
}
