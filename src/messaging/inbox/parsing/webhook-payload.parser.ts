import { sha256 } from '../../../crypto/index.js';
import { dedupeKeyOf } from './dedupe-key.js';
import { areInstagrams, countEvents, deliveriesOf, MOST_EVENTS, onlyAccountIn } from './delivery-size.js';
import { kindOfChange, kindOfItem, type EventKind } from './event-kind.js';
import { occurredAt } from './event-time.js';
import { childSpans, rootSpan, type JsonSpan } from './json-spans.js';
import { fieldOf, idOf, listOf } from './json-value.js';
import { parseJsonWithBigInts } from './json-with-big-ints.js';
import { laneKeyOf, readPayload } from './read-payload.js';
import { REASONS } from './reasons.js';

/** One thing that happened, as it will be stored. */
export interface ParsedEvent {
  readonly kind: EventKind;
  readonly dedupeKey: string;
  /** Null: it names no person, or is about none. */
  readonly conversationId: string | null;
  /** By what its lane is chosen; null: there is nothing to apply. */
  readonly laneKey: string | null;
  readonly occurredAt: Date;
  /** The item's own text, byte for byte as it came. */
  readonly payload: string;
  /** Why it is kept without being applied, in plain words; null when it is to be applied. */
  readonly ignoredBecause: string | null;
}

export interface ParsedEntry {
  /** `entry.id`, whatever it holds; null when there is none. */
  readonly accountId: string | null;
  /** False: the `object` around it is not `instagram`, so it may not be applied to any account. */
  readonly isInstagram: boolean;
  /** Tells two deliveries of the same content to nobody apart (the test button's are all alike). */
  readonly time: string;
  readonly events: readonly ParsedEvent[];
  /** True: it stands for a whole body, which was not split; its account is the one that all of it names. */
  readonly isWhole: boolean;
}

/** More than any real item by far, and what a database server takes in one statement; beyond, only the beginning is kept. */
export const LARGEST_PAYLOAD = 4 * 1024 * 1024;
const BEGINNING = 10_000;

/**
 * Splits a delivery into the entries of its accounts. Pure; throws a SyntaxError for what is not JSON, and nothing else:
 * what it does not understand becomes an event of kind `unknown`, and so does all of a body that holds too many.
 */
export function parseDelivery(text: string, receivedAt: Date): ParsedEntry[] {
  const value = parseJsonWithBigInts(text);
  const span = rootSpan(text);
  const deliveries = deliveriesOf(value);
  if (countEvents(deliveries) > MOST_EVENTS) return [unsplit(text.slice(span.start, span.end), deliveries, receivedAt)];
  const reader = new DeliveryReader(text, receivedAt);
  if (!Array.isArray(value) || value.length === 0) return reader.delivery(value, span);
  const spans = childSpans(text, span).items;
  return value.flatMap((one: unknown, i) => reader.delivery(one, spans[i] ?? span));
}

/**
 * The account ids a delivery names, as often as it does: all that may be looked at before its signature is known to be good.
 * One by one, since it may name a million.
 */
export function* accountIdsIn(text: string): Generator<string> {
  for (const delivery of deliveriesOf(parseJsonWithBigInts(text))) {
    for (const entry of listOf(delivery, 'entry')) {
      const id = idOf(entry, 'id');
      if (id !== null) yield id;
    }
  }
}

/** One event for all of it. Its key is of all its bytes, so that the same is known when it is delivered again. */
function unsplit(raw: string, deliveries: readonly unknown[], receivedAt: Date): ParsedEntry {
  const event: ParsedEvent = {
    ...NO_TARGET,
    kind: 'unknown',
    dedupeKey: sha256('unknown', 'delivery', raw),
    occurredAt: receivedAt,
    payload: beginningOf(raw, { moreEventsThan: MOST_EVENTS }),
    ignoredBecause: REASONS.tooMany,
  };
  return { accountId: onlyAccountIn(deliveries), isInstagram: areInstagrams(deliveries), time: '', events: [event], isWhole: true };
}

/** What no database would take, or nobody could look at. */
function beginningOf(raw: string, why: { readonly moreEventsThan?: number } = {}): string {
  return JSON.stringify({ ...why, tooLarge: raw.length, beginning: raw.slice(0, BEGINNING) });
}

class DeliveryReader {
  constructor(
    private readonly text: string,
    private readonly receivedAt: Date,
  ) {}

  delivery(value: unknown, span: JsonSpan): ParsedEntry[] {
    const entries = fieldOf(value, 'entry');
    if (!Array.isArray(entries) || entries.length === 0) {
      return [{ accountId: null, isInstagram: false, time: '', events: [this.unknown(value, span)], isWhole: false }];
    }
    const isInstagram = fieldOf(value, 'object') === 'instagram';
    const spans = childSpans(this.text, childSpans(this.text, span).fields.get('entry') ?? span).items;
    return entries.map((entry: unknown, i) => this.entry(entry, spans[i] ?? span, isInstagram));
  }

  private entry(entry: unknown, span: JsonSpan, isInstagram: boolean): ParsedEntry {
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
      events.push(flat ? this.change(entry, span, accountId, time) : this.withoutItems(entry, span, time));
    }
    return { accountId, isInstagram, time, events, isWhole: false };
  }

  private unknown(value: unknown, span: JsonSpan, time?: unknown): ParsedEvent {
    return this.event('unknown', value, span, [fieldOf(value, 'timestamp'), time], { ignoredBecause: REASONS.unknown });
  }

  /** Fields by name alone, as Meta sends them when the app has "Include Values" off, or nothing at all. */
  private withoutItems(entry: unknown, span: JsonSpan, time: string): ParsedEvent {
    if (!Array.isArray(fieldOf(entry, 'changed_fields'))) return this.unknown(entry, span, time);
    return this.event('change', entry, span, [time], { ignoredBecause: REASONS.changedFields });
  }

  private change(change: unknown, span: JsonSpan, accountId: string | null, time: string): ParsedEvent {
    const value = fieldOf(change, 'value');
    const { kind, item } = kindOfChange(fieldOf(change, 'field'), value);
    const valueSpan = childSpans(this.text, span).fields.get('value');
    if (item && valueSpan) return this.item(kind, value, valueSpan, accountId, time);
    const times = [fieldOf(value, 'timestamp'), fieldOf(value, 'created_time'), time];
    return this.event(kind, change, span, times, targetOf(kind, change, accountId));
  }

  private item(kind: EventKind, item: unknown, span: JsonSpan, accountId: string | null, time: string): ParsedEvent {
    return this.event(kind, item, span, [fieldOf(item, 'timestamp'), time], targetOf(kind, item, accountId));
  }

  private event(kind: EventKind, value: unknown, span: JsonSpan, times: readonly unknown[], target: Partial<Target>): ParsedEvent {
    const raw = this.text.slice(span.start, span.end);
    const at = occurredAt(times, this.receivedAt);
    if (raw.length > LARGEST_PAYLOAD) {
      const payload = beginningOf(raw);
      return { ...NO_TARGET, kind, dedupeKey: sha256(kind, '', raw), occurredAt: at, payload, ignoredBecause: REASONS.tooLarge };
    }
    return { ...NO_TARGET, ...target, kind, dedupeKey: dedupeKeyOf(kind, value, raw), occurredAt: at, payload: raw };
  }
}

type Target = Pick<ParsedEvent, 'conversationId' | 'laneKey' | 'ignoredBecause'>;

const NO_TARGET: Target = { conversationId: null, laneKey: null, ignoredBecause: null };

function targetOf(kind: EventKind, value: unknown, accountId: string | null): Target {
  const read = readPayload(kind, value, accountId);
  const { subject, conversationId } = read;
  return { conversationId, laneKey: laneKeyOf(read, accountId), ignoredBecause: subject.is === 'ignored' ? subject.why : null };
}
