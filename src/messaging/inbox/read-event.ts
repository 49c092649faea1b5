import { sha256 } from '../../crypto/index.js';
import { commentKey } from '../outbox/comment-key.js';
import type { DueEvent } from './inbox-event.js';
import { parseJsonWithBigInts } from './parsing/json-with-big-ints.js';
import { readPayload, type ReadPayload, type Subject } from './parsing/read-payload.js';

/** An event whose turn has come, with its payload read. */
export interface ReadEvent extends ReadPayload {
  readonly event: DueEvent;
  readonly payload: unknown;
  /** Of the message that it is, or will be, or changes; null where there is none. */
  readonly externalKey: string | null;
}

export function readEvent(event: DueEvent): ReadEvent {
  const payload = parseJsonWithBigInts(event.payload);
  const { subject, conversationId, standby, byAccount } = readPayload(event.kind, payload, event.accountId);
  return { subject, conversationId, standby, byAccount, event, payload, externalKey: externalKeyOf(subject, event) };
}

/** By Meta's clock, then by arrival; but an unsend that arrived before its message goes first: what was taken back is not answered. */
export function inTurn(events: readonly ReadEvent[]): ReadEvent[] {
  const byTime = events.toSorted(({ event: a }, { event: b }) => a.occurredAt.getTime() - b.occurredAt.getTime() || a.id - b.id);
  const arrivals = new Map(byTime.filter(({ subject }) => subject.is === 'message').map((read) => [slotOfRead(read), read.event.id]));
  const isAhead = (read: ReadEvent) =>
    read.subject.is === 'change' && read.subject.change.content.kind === 'unsend' && read.event.id < (arrivals.get(slotOfRead(read)) ?? 0);
  return [...byTime.filter(isAhead), ...byTime.filter((read) => !isAhead(read))];
}

function slotOfRead({ event: { accountId }, externalKey }: ReadEvent): string {
  return slotOf({ accountId, externalKey });
}

/** Where a message, or what waits for one, is kept while a batch is worked out. */
export function slotOf({ accountId, externalKey }: { readonly accountId: string; readonly externalKey: string | null }): string {
  return `${accountId} ${String(externalKey)}`;
}

function externalKeyOf(subject: Subject, { dedupeKey }: DueEvent): string | null {
  switch (subject.is) {
    case 'message':
      // Without a mid the event's own key, so that even then it is recorded once.
      return subject.content.mid === null ? dedupeKey : sha256(subject.content.mid);
    case 'change':
      return sha256(subject.change.mid);
    case 'comment':
      return commentKey(subject.comment.id);
    case 'referral':
    case 'ignored':
      return null;
  }
}
