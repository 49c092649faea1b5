import { NO_ANSWER } from '../inbox-event.js';
import { consentIn } from '../policies/consent.policy.js';
import { PERSON_ACTED } from '../policies/loop-guard.policy.js';
import { customerWrote } from '../policies/window.policy.js';
import { takeConsent } from './consent.js';
import type { Arrival, Outcome, SubjectOf } from './arrival.js';
import type { Desk } from './desk.js';
import { messageTold, placeIn } from './new-message.js';

/** A message or postback of the customer: recorded once, and answered. */
export function takeMessage(arrival: Arrival, { content }: SubjectOf<'message'>, desk: Desk): Outcome {
  const { changes, answering, now } = desk;
  const { event } = arrival.read;
  const externalKey = arrival.read.externalKey ?? event.dedupeKey;
  if (changes.message({ accountId: event.accountId, externalKey })) return { again: 'this message is recorded already' };
  const conversation = changes.conversation(arrival.read);
  const message = changes.add(conversation, messageTold(placeIn(conversation, now), 'inbound', content, externalKey, event.occurredAt));
  changes.patch(conversation, { ...customerWrote(conversation, event.occurredAt), ...(content.isTap ? PERSON_ACTED : {}) });
  const unsent = message.deletedAt === null ? null : 'the message was unsent before it arrived';
  const consent = content.kind === 'postback' ? null : consentIn(content.text, arrival.settings);
  const consented = consent === null ? null : takeConsent(arrival, conversation, consent, unsent, desk);
  if (consented !== null) return consented;
  return unsent === null ? answering.answer(arrival, conversation) : NO_ANSWER(unsent);
}
