import type { ConversationRow } from '../../../conversations/index.js';
import type { Arrival, Outcome } from './arrival.js';
import type { Desk } from './desk.js';

/** Of an event that leaves no message behind by which a replay would be known: what it was answered with says so. */
export function answerOnce(arrival: Arrival, conversation: ConversationRow, { answering }: Desk): Outcome {
  const { earlier } = arrival.read.event;
  if (earlier !== null && earlier.queued.length > 0) return { again: 'it has been answered already' };
  return answering.answer(arrival, conversation);
}
