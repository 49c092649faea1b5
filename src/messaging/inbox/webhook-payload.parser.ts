import { conversationIdOf } from '../../conversations/index.js';
import { sha256 } from '../../crypto/index.js';
import { dedupeKeyOf } from './dedupe-key.js';
import { isApplied, kindOfChange, kindOfItem, type EventKind } from './event-kind.js';
import { occurredAt } from './event-time.js';
import { childSpans, rootSpan, type JsonSpan } from './json-spans.js';
import { fieldOf, idOf, objectOf } from './json-value.js';
import { parseJsonWithBigInts } from './json-with-big-ints.js';

/** One thing that happened, as it will be stored. */
export interface ParsedEvent {
  readonly kind: EventKind;
  readonly dedupeKey: string;
  /** Null: it belongs to no conversation, so there is nothing to apply it to. */
  readonly conversationId: string | null;
  readonly occurredAt: Date;
  /** The item's own text, byte for byte as it came. */
  readonly payload: string;
  /** Why it is kept without being applied, in plain words; null when it is to be applied. */
  readonly ignoredBecause: string | null;
}

export interface ParsedEntry {
  /** `entry.id`, whatever it holds; null when there is none. */
  readonly accountId: string | null;
  /** Tells two deliveries of the same content to nobody apart (the test button's are all alike). */
  readonly time: string;
  readonly events: readonly ParsedEvent[];
}

export interface ParsedDelivery {
  /** False: `object` is not `instagram`, so no entry may be applied to any account. */
  readonly isInstagram: boolean;
  readonly entries: readonly ParsedEntry[];
}

/** More than any real item by far, and what a database server takes in one statement; beyond, only the beginning is kept. */
export const LARGEST_PAYLOAD = 4 * 1024 * 1024;

/**
 * Splits a delivery into events. Pure; throws a SyntaxError for what is not JSON, and nothing else: what it does not
 * understand becomes an event of kind `unknown`.
 */
export function parseDelivery(text: string, receivedAt: Date): ParsedDelivery {
  let value = parseJsonWithBigInts(text);
  let span = rootSpan(text);
  if (Array.isArray(value) && value.length === 1) {
    // As Meta's example pages print it.
    value = value[0] as unknown;
    span = childSpans(text, span).items[0] ?? span;
  }
  const entries = fieldOf(value, 'entry');
  const reader = new DeliveryReader(text, receivedAt);
  if (!Array.isArray(entries) || entries.length === 0) {
    return { isInstagram: false, entries: [{ accountId: null, time: '', events: [reader.unknown(value, span)] }] };
  }
  const spans = childSpans(text, childSpans(text, span).fields.get('entry') ?? span).items;
  return {
    isInstagram: fieldOf(value, 'object') === 'instagram',
    entries: entries.map((entry: unknown, i) => reader.entry(entry, spans[i] ?? span)),
  };
}

/** The account ids a delivery names: all that may be looked at before its signature is known to be good. */
export function accountIdsIn(text: string): string[] {
  const parsed = parseJsonWithBigInts(text);
  const value: unknown = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
  const entries = fieldOf(value, 'entry');
  if (!Array.isArray(entries)) return [];
  return [...new Set(entries.map((entry: unknown) => idOf(entry, 'id')).filter((id) => id !== null))];
}

class DeliveryReader {
  constructor(
    private readonly text: string,
    private readonly receivedAt: Date,
  ) {}

  entry(entry: unknown, span: JsonSpan): ParsedEntry {
    const accountId = idOf(entry, 'id');
    const time = idOf(entry, 'time') ?? '';
    const fields = childSpans(this.text, span).fields;
    const events: ParsedEvent[] = [];
    const each = (name: string, read: (value: unknown, at: JsonSpan) => ParsedEvent): void => {
      const list = fieldOf(entry, name);
      const at = fields.get(name);
      if (!Array.isArray(list) || !at) return;
      const spans = childSpans(this.text, at).items;
      list.forEach((value: unknown, i) => events.push(read(value, spans[i] ?? span)));
    };
    each('messaging', (item, at) => this.item(kindOfItem(item), item, at, accountId, time));
    each('standby', (item, at) => this.item('standby', item, at, accountId, time));
    each('changes', (change, at) => this.change(change, at, accountId, time));
    if (events.length === 0) {
      const flat = fields.has('field') && fields.has('value');
      events.push(flat ? this.change(entry, span, accountId, time) : this.unknown(entry, span, time));
    }
    return { accountId, time, events };
  }

  unknown(value: unknown, span: JsonSpan, time?: unknown): ParsedEvent {
    return this.event('unknown', value, span, null, [fieldOf(value, 'timestamp'), time], REASONS.unknown);
  }

  private change(change: unknown, span: JsonSpan, accountId: string | null, time: string): ParsedEvent {
    const value = fieldOf(change, 'value');
    const { kind, item } = kindOfChange(fieldOf(change, 'field'), value);
    const valueSpan = childSpans(this.text, span).fields.get('value');
    if (item && valueSpan) return this.item(kind, value, valueSpan, accountId, time);
    const why = kind === 'unknown' ? REASONS.unknown : REASONS.notApplied;
    return this.event(kind, change, span, null, [fieldOf(value, 'timestamp'), fieldOf(value, 'created_time'), time], why);
  }

  private item(kind: EventKind, item: unknown, span: JsonSpan, accountId: string | null, time: string): ParsedEvent {
    const participant = participantOf(kind, item);
    const known = accountId !== null && participant !== null && participant !== accountId && IGSID.test(participant);
    const conversationId = known ? conversationIdOf(accountId, participant) : null;
    return this.event(kind, item, span, conversationId, [fieldOf(item, 'timestamp'), time], whyIgnored(kind, item, accountId) ?? (known ? null : REASONS.noParticipant));
  }

  private event(
    kind: EventKind, value: unknown, span: JsonSpan, conversationId: string | null, times: readonly unknown[], why: string | null,
  ): ParsedEvent {
    const raw = this.text.slice(span.start, span.end);
    const at = occurredAt(times, this.receivedAt);
    if (raw.length > LARGEST_PAYLOAD) {
      const payload = JSON.stringify({ tooLarge: raw.length, beginning: raw.slice(0, 10_000) });
      return { kind, dedupeKey: sha256(kind, '', raw), conversationId: null, occurredAt: at, payload, ignoredBecause: REASONS.tooLarge };
    }
    return { kind, dedupeKey: dedupeKeyOf(kind, value, raw), conversationId, occurredAt: at, payload: raw, ignoredBecause: why };
  }
}

/** Long enough for every id Meta has made, and safe to build our own ids with. */
const IGSID = /^\d{1,50}$/;

/** The customer: the recipient of an echo, otherwise the sender. */
function participantOf(kind: EventKind, item: unknown): string | null {
  const echo = kind === 'echo' || fieldOf(objectOf(item, 'message'), 'is_echo') === true;
  return idOf(objectOf(item, echo ? 'recipient' : 'sender'), 'id');
}

const REASONS = {
  unknown: 'this server does not know this kind of event',
  notApplied: 'events of this kind are recorded and have no effect',
  tooLarge: 'it is too large to be applied; only its beginning is kept',
  ownAccount: 'it was sent by the account itself',
  noParticipant: 'it does not say which person it is about',
} as const;

/** Why an item has no effect, whoever it is about; also asked when a stored event is applied, which may be long after. */
export function whyIgnored(kind: string, item: unknown, accountId: string | null): string | null {
  if (kind === 'unknown') return REASONS.unknown;
  if (!isApplied(kind)) return REASONS.notApplied;
  // Loop safety: what the account itself sent must never look like a customer's message.
  if (kind !== 'echo' && (idOf(objectOf(item, 'sender'), 'id') === accountId || fieldOf(item, 'is_self') === true)) {
    return REASONS.ownAccount;
  }
  return null;
}
