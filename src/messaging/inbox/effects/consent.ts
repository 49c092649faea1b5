import type { ConversationRow } from '../../../conversations/index.js';
import { NO_ANSWER, type Decision } from '../inbox-event.js';
import { confirmationOf, consentGiven, type Consent } from '../policies/consent.policy.js';
import type { Arrival } from './arrival.js';
import type { Desk } from './desk.js';

/**
 * The customer ends, or resumes, automatic answers: confirmed once, also where automation is paused otherwise. No rule is asked.
 * @returns null where there was nothing to resume: then the word ("yes", say) is one like any other
 */
export function takeConsent(
  arrival: Arrival, conversation: ConversationRow, consent: Consent, unconfirmedBecause: string | null, { changes, answering }: Desk,
): Decision | null {
  const { patch, words, changes: isNews } = consentGiven(conversation, consent, arrival.read.event.occurredAt);
  changes.patch(conversation, patch);
  if (!isNews) return consent === 'in' ? null : NO_ANSWER(words);
  const asked = answering.caseOf('consent', arrival, conversation);
  const forbidden = unconfirmedBecause ?? answering.whyNot(arrival, asked);
  if (forbidden !== null) return NO_ANSWER(`${words}; this is not confirmed: ${forbidden}`);
  const content = { is: 'text', text: confirmationOf(consent, arrival.settings), quickReplies: [] } as const;
  const by = { ruleId: null, details: { automatic: consent === 'out' ? 'opt-out' : 'opt-in' } };
  return { rules: [], queued: answering.queue(asked, [content], { id: conversation.participantId }, by), stopped: `${words}: no rule is asked` };
}
