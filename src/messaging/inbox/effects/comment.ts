import { unanswered } from './answering.js';
import type { Arrival, Outcome, SubjectOf } from './arrival.js';
import type { Desk } from './desk.js';
import { messageTold, placeIn } from './new-message.js';

/** What the column holds; Instagram's names are far shorter, a delivery's may be anything. */
const LONGEST_NAME = 255;

/**
 * A comment: stays an event unless a rule answers it, in private and with one message. Then it is recorded in front of
 * the answer, once for ever. It opens no window: the commenter has to write first.
 */
export function takeComment(arrival: Arrival, { comment }: SubjectOf<'comment'>, { changes, answering, now }: Desk): Outcome {
  const { event } = arrival.read;
  const externalKey = arrival.read.externalKey ?? event.dedupeKey;
  // By hand perhaps, before this server had heard of it: then nothing stands in front of the answer.
  if (changes.message({ accountId: event.accountId, externalKey }) || changes.isAnswered(event.accountId, comment.id)) {
    return { again: 'this comment has been answered already' };
  }
  const answer = answering.ask(arrival, answering.caseOf('comment', arrival, changes.peek(arrival.read)));
  if (answer.stopped !== null) return unanswered(answer);
  const conversation = changes.conversation(arrival.read);
  // Written with a new conversation only; of one that stands the profile look-up knows best.
  conversation.participantUsername ??= comment.username?.slice(0, LONGEST_NAME) ?? null;
  const said = { kind: 'comment', text: comment.text, attachments: [], mid: comment.id, details: comment.details };
  changes.add(conversation, messageTold(placeIn(conversation, now), 'inbound', said, externalKey, event.occurredAt));
  return answering.send(answering.caseOf('comment', arrival, conversation), answer, { comment_id: comment.id }, { commentId: comment.id });
}
