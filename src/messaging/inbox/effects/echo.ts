import { NO_ANSWER } from '../inbox-event.js';
import { PERSON_ACTED } from '../policies/loop-guard.policy.js';
import { takenOver } from '../policies/takeover.policy.js';
import type { Arrival, Outcome, SubjectOf } from './arrival.js';
import type { Desk } from './desk.js';
import { messageTold, placeIn, type Said } from './new-message.js';

const ELSEWHERE = 'it was sent from elsewhere, not by this server';

/** A message of the account: one we sent, which it confirms, or one typed elsewhere, whose writer is left alone for a while. */
export function takeEcho(
  { read, settings }: Arrival, { content }: SubjectOf<'message'>, confirmed: string | undefined, { changes, now }: Desk,
): Outcome {
  const { event, standby } = read;
  const externalKey = read.externalKey ?? event.dedupeKey;
  if (confirmed !== undefined) return { again: `it confirms our message ${confirmed}` };
  if (changes.message({ accountId: event.accountId, externalKey })) return { again: 'this message is recorded already' };
  const conversation = changes.conversation(read);
  const record = (said: Said) => changes.add(conversation, messageTold(placeIn(conversation, now), 'outbound', said, externalKey, event.occurredAt));
  if (standby) {
    // Another app may have written, and has the conversation anyway: nothing rests, so there will be nothing to take back.
    record(content);
    return NO_ANSWER(ELSEWHERE);
  }
  const { patch, elsewhere } = takenOver(conversation, event.occurredAt, settings.takeoverMinutes);
  record({ ...content, details: { ...content.details, elsewhere } });
  changes.patch(conversation, { ...patch, ...PERSON_ACTED });
  const rests = elsewhere.pausedUntil !== null && new Date(elsewhere.pausedUntil) > now;
  const pause = rests ? `; automation rests until ${elsewhere.pausedUntil}` : '';
  return NO_ANSWER(`${ELSEWHERE}${pause}`);
}
