import { ComparedText } from './compared-text.js';
import type { Facts, ReactionFacts, ReferralFacts } from './facts.js';
import { foldText } from './fold-text.js';

/** An event as the triggers see it: worked out once, however many rules look at it. */
export interface ComparedFacts {
  readonly facts: Facts;
  /** Of a message. Null for what has no text to compare: an attachment, and whatever is no message. */
  readonly text: ComparedText | null;
  readonly comment: ComparedText | null;
  readonly payload: ComparedText | null;
  /** A reaction's name and emoji. */
  readonly reactions: readonly ComparedText[];
  /** A referral's ref and ad id. */
  readonly referrals: readonly ComparedText[];
}

export function compareFacts(facts: Facts): ComparedFacts {
  return {
    facts,
    text: facts.kind === 'message' ? ComparedText.of(facts.text) : null,
    comment: facts.kind === 'comment' ? ComparedText.of(facts.text) : null,
    payload: ComparedText.of(facts.payload),
    reactions: allOf(facts.reaction && reactionNames(facts.reaction)),
    referrals: allOf(facts.referral && referralNames(facts.referral)),
  };
}

/** Instagram sends the heart of a double tap under its name, its emoji, or both. */
function reactionNames({ name, emoji }: ReactionFacts): (string | null)[] {
  return [emoji ?? (name === 'love' ? HEART : null), name ?? (foldText(emoji ?? '') === HEART ? 'love' : null)];
}

const HEART = '❤';

function referralNames({ ref, adId }: ReferralFacts): (string | null)[] {
  return [ref, adId];
}

function allOf(texts: readonly (string | null)[] | null): ComparedText[] {
  return texts === null ? [] : texts.map((text) => ComparedText.of(text)).filter((text) => text !== null);
}
