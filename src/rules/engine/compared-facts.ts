import type { Facts, ReactionFacts, ReferralFacts } from './facts.js';
import { foldText, normalizeText } from './fold-text.js';

/** A text in the two forms in which it is compared. */
export interface ComparedText {
  /** Patterns run on this; letter case as it came. */
  readonly normal: string;
  readonly folded: string;
}

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
    text: facts.kind === 'message' ? compared(facts.text) : null,
    comment: facts.kind === 'comment' ? compared(facts.text) : null,
    payload: compared(facts.payload),
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
  return texts === null ? [] : texts.map(compared).filter((text) => text !== null);
}

function compared(text: string | null): ComparedText | null {
  if (text === null) return null;
  const normal = normalizeText(text);
  return normal === '' ? null : { normal, folded: foldText(normal) };
}
