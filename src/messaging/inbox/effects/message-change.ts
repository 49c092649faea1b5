import type { ChangeContent } from '../../../conversations/index.js';
import { NO_ANSWER } from '../inbox-event.js';
import { windowOpened } from '../policies/window.policy.js';
import { answerOnce } from './answer-once.js';
import type { Arrival, Desk, Outcome, SubjectOf } from './desk.js';

/** Not answered, and said so: what has happened to the message is seen on it. */
const WORDS: Readonly<Record<ChangeContent['kind'], string>> = {
  unsend: 'a message was unsent',
  edit: 'a message was edited',
  read: 'a message was read',
  reaction: 'a reaction was taken back, or is of the account itself',
};

/** An unsend, edit, reaction or read: changes its message, or waits for it. A customer's reaction can be answered. */
export function takeChange(arrival: Arrival, { change }: SubjectOf<'change'>, desk: Desk): Outcome {
  const { event, byAccount, conversationId, externalKey } = arrival.read;
  const { content } = change;
  const key = { accountId: event.accountId, externalKey: externalKey ?? '' };
  const isKnown = desk.changes.change(key, event.dedupeKey, { ...content, at: event.occurredAt });
  if (content.kind === 'reaction' && !content.taken && !byAccount && conversationId !== null) {
    const conversation = desk.changes.conversation(arrival.read);
    desk.changes.patch(conversation, windowOpened(conversation, event.occurredAt));
    return answerOnce(arrival, conversation, desk);
  }
  return NO_ANSWER(`${WORDS[content.kind]}${isKnown ? '' : '; the message is not known here yet, and will be changed when it comes'}`);
}
