import type { ChangeContent } from '../../../conversations/index.js';
import { NO_ANSWER } from '../inbox-event.js';
import { windowOpened } from '../policies/window.policy.js';
import { answerOnce } from './answer-once.js';
import type { Arrival, Outcome, SubjectOf } from './arrival.js';
import type { Desk } from './desk.js';

/** An unsend, edit, reaction or read: changes its message, or waits for it. A customer's reaction can be answered. */
export function takeChange(arrival: Arrival, { change }: SubjectOf<'change'>, desk: Desk): Outcome {
  const { event, byAccount, conversationId, externalKey } = arrival.read;
  const { content } = change;
  const key = { accountId: event.accountId, externalKey: externalKey ?? '' };
  const isKnown = desk.changes.change(key, event.dedupeKey, { ...content, at: event.occurredAt });
  const why = whyNotAnswered(content, byAccount);
  if (why === null && conversationId !== null) {
    const conversation = desk.changes.conversation(arrival.read);
    desk.changes.patch(conversation, windowOpened(conversation, event.occurredAt));
    return answerOnce(arrival, conversation, desk);
  }
  const waits = isKnown ? '' : '; the message is not known here yet, and will be changed when it comes';
  return NO_ANSWER(`${why ?? 'it does not say who reacted'}${waits}`);
}

/** What has happened to the message is seen on it; a customer's reaction alone can be answered. */
function whyNotAnswered(content: ChangeContent, byAccount: boolean): string | null {
  switch (content.kind) {
    case 'unsend':
      return 'a message was unsent';
    case 'edit':
      return 'a message was edited';
    case 'read':
      return 'a message was read';
    case 'reaction':
      if (content.taken) return 'a reaction was taken back';
      return byAccount ? 'the account itself reacted' : null;
  }
}
