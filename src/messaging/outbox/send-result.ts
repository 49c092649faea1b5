import type { MessageEnd, SendResult } from '../../common/telemetry.js';
import type { AttemptOutcome, Decision } from './decide-outcome.js';

/** As it is counted. Pure. */
export function sendResultOf(outcome: AttemptOutcome): SendResult {
  switch (outcome.kind) {
    case 'failed':
      return outcome.pause ? 'refused_account' : outcome.conversation ? 'refused_conversation' : 'failed';
    case 'unknown':
      return 'uncertain';
    case 'released':
      return 'held_back';
    case 'unreached':
      return 'retry';
    case 'sent':
    case 'retry':
    case 'paused':
    case 'dead_token':
      return outcome.kind;
  }
}

/** Null: it goes on. Pure. */
export function messageEndOf({ message, next, mayHaveArrived }: Decision): MessageEnd | null {
  if (next !== null) return null;
  return message.status === 'sent' ? 'sent' : mayHaveArrived === true ? 'unknown' : 'failed';
}
