import { windowOpened } from '../policies/window.policy.js';
import { answerOnce } from './answer-once.js';
import type { Arrival, Outcome } from './arrival.js';
import type { Desk } from './desk.js';

/** The customer followed a link into the conversation: no message, but a new window, and perhaps an answer. */
export function takeReferral(arrival: Arrival, desk: Desk): Outcome {
  const conversation = desk.changes.conversation(arrival.read);
  desk.changes.patch(conversation, windowOpened(conversation, arrival.read.event.occurredAt));
  return answerOnce(arrival, conversation, desk);
}
