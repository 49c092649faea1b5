import type { ComparedFacts } from './compared-facts.js';
import type { ComparedText } from './compared-text.js';

/** The triggers that compare a value with what an event of their kind carries. */
export const VALUE_TRIGGER_TYPES = ['postback', 'quick_reply', 'reaction', 'referral'] as const;
export type ValueTriggerType = (typeof VALUE_TRIGGER_TYPES)[number];

/** What is compared; null when the event is not of the kind. */
export function valuesOf(
  type: ValueTriggerType,
  { facts, payload, reactions, referrals }: ComparedFacts,
): readonly ComparedText[] | null {
  switch (type) {
    case 'postback':
      return facts.kind === 'postback' ? listed(payload) : null;
    case 'quick_reply':
      return facts.quickReply ? listed(payload) : null;
    case 'reaction':
      return facts.kind === 'reaction' ? reactions : null;
    case 'referral':
      return facts.referral === null ? null : referrals;
  }
}

function listed(text: ComparedText | null): readonly ComparedText[] {
  return text === null ? [] : [text];
}
