import { conversationIdOf, PARTICIPANT_ID } from '../../../conversations/index.js';
import { isApplied, whyKindIsIgnored } from '../event-catalogue.js';
import { readComment, type Comment } from './comment.js';
import { readContent, type EventContent } from './event-content.js';
import { kindOfItem, type EventKind } from './event-kind.js';
import { fieldOf, idOf, objectOf } from './json-value.js';
import { readChange, type ReadChange } from './message-change.js';
import { REASONS } from './reasons.js';

/** What an event is about, and so what is done with it. */
export type Subject =
  | { readonly is: 'message'; readonly content: EventContent; readonly inbound: boolean }
  | { readonly is: 'change'; readonly change: ReadChange }
  | { readonly is: 'referral' }
  | { readonly is: 'comment'; readonly comment: Comment }
  /** It has no effect, for this reason. */
  | { readonly is: 'ignored'; readonly why: string };

export interface ReadPayload {
  readonly subject: Subject;
  /** Null: it does not say which person it is about. */
  readonly conversationId: string | null;
  /** Another app has the conversation: nothing of it is answered. */
  readonly standby: boolean;
  /** The account itself did it. */
  readonly byAccount: boolean;
}

/**
 * Everything there is to know about a payload: asked when it is stored, and again when it is applied, which may be long
 * after, or by a newer version. Pure; takes any JSON value.
 */
export function readPayload(kind: string, payload: unknown, accountId: string | null): ReadPayload {
  const standby = kind === 'standby';
  const inner = standby ? kindOfItem(payload) : (kind as EventKind);
  if (inner === 'comment' || inner === 'live_comment') return readCommentPayload(inner, payload, accountId);
  const sender = idOf(objectOf(payload, 'sender'), 'id');
  const byAccount = inner === 'echo' || fieldOf(payload, 'is_echo') === true || fieldOf(objectOf(payload, 'message'), 'is_echo') === true ||
    (sender !== null && sender === accountId);
  const person = byAccount ? idOf(objectOf(payload, 'recipient'), 'id') : sender;
  const conversationId = conversationOf(accountId, person);
  const subject = isApplied(inner) ? readItem(inner, payload, { sender, byAccount, conversationId }) : ignored(whyKindIsIgnored(inner));
  return { subject, conversationId, standby, byAccount };
}

/** By what the lane is chosen: the conversation; for a change that names nobody, the message. Null: nothing is to be done. */
export function laneKeyOf({ subject, conversationId }: ReadPayload, accountId: string | null): string | null {
  if (subject.is === 'ignored' || accountId === null) return null;
  return conversationId ?? (subject.is === 'change' ? `${accountId} ${subject.change.mid}` : null);
}

interface Parties {
  readonly sender: string | null;
  readonly byAccount: boolean;
  readonly conversationId: string | null;
}

function readItem(kind: EventKind, item: unknown, { sender, byAccount, conversationId }: Parties): Subject {
  switch (kind) {
    case 'unsend':
    case 'edit':
    case 'reaction':
    case 'read': {
      // What the account has read is not what the customer has.
      if (kind === 'read' && byAccount) return ignored(REASONS.ownAccount);
      const change = readChange(kind, item, sender);
      return typeof change === 'string' ? ignored(change) : { is: 'change', change };
    }
    case 'message':
    case 'postback':
    case 'referral':
      // Loop safety: what the account itself sent must never look like a customer's message.
      if (byAccount) return ignored(REASONS.ownAccount);
      break;
    default:
  }
  if (conversationId === null) return ignored(REASONS.noParticipant);
  return kind === 'referral' ? { is: 'referral' } : { is: 'message', content: readContent(item), inbound: kind !== 'echo' };
}

function readCommentPayload(kind: EventKind, payload: unknown, accountId: string | null): ReadPayload {
  const comment = readComment(payload, accountId);
  const rest = { standby: false, byAccount: comment === REASONS.ownComment };
  if (typeof comment === 'string') return { ...rest, subject: ignored(comment), conversationId: null };
  const conversationId = conversationOf(accountId, comment.authorId);
  if (!isApplied(kind)) return { ...rest, subject: ignored(whyKindIsIgnored(kind)), conversationId };
  return { ...rest, subject: conversationId === null ? ignored(REASONS.noAuthor) : { is: 'comment', comment }, conversationId };
}

function conversationOf(accountId: string | null, person: string | null): string | null {
  if (accountId === null || person === null || person === accountId || !PARTICIPANT_ID.test(person)) return null;
  return conversationIdOf(accountId, person);
}

function ignored(why: string): Subject {
  return { is: 'ignored', why };
}
