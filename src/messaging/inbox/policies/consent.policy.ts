import type { ProcessingSettings } from '../../../accounts/index.js';
import type { ConversationRow } from '../../../conversations/index.js';
import { foldText } from '../../../rules/index.js';

export type Consent = 'out' | 'in';

/**
 * Whether a message is, as a whole, one of the account's words for ending or resuming automatic answers. "Stop." and "STOP!" are
 * meant just so, and our own confirmation puts the word into quotes; a question is another matter.
 */
export function consentIn(text: string | null, { optOutWords, optInWords }: ProcessingSettings): Consent | null {
  if (text === null || (optOutWords.length === 0 && optInWords.length === 0)) return null;
  const folded = bareWord(text);
  if (folded === '') return null;
  if (foldedWords(optOutWords).has(folded)) return 'out';
  return foldedWords(optInWords).has(folded) ? 'in' : null;
}

/** Settings are read once a batch, and a batch holds many messages. */
const known = new WeakMap<readonly string[], ReadonlySet<string>>();

function foldedWords(words: readonly string[]): ReadonlySet<string> {
  const folded = known.get(words) ?? new Set(words.map(bareWord));
  known.set(words, folded);
  return folded;
}

/** Without the punctuation around it, unless it is nothing else. */
function bareWord(text: string): string {
  const folded = foldText(text);
  const bare = folded.replace(AROUND, '').trim();
  return bare === '' ? folded : bare;
}

/** Sentence ends and quotes, as NFKC leaves them ("…" is three full stops). Not what smileys are made of: "no :(" is no opt-out. */
const SIGNS = String.raw`[\s.!,¡。、।۔'"\p{Pi}\p{Pf}「」『』]`;
const AROUND = new RegExp(`^${SIGNS}+|(?<!${SIGNS})${SIGNS}+$`, 'gu');

export interface ConsentChange {
  readonly patch: Partial<ConversationRow>;
  /** What it comes to, in plain words. */
  readonly words: string;
  /** It changes something, which is confirmed; a word said again is not. */
  readonly changes: boolean;
}

/** The latest word counts, whatever came first; at the same moment the one that ends it. */
export function consentGiven(conversation: ConversationRow, consent: Consent, at: Date): ConsentChange {
  const { optedOut, consentChangedAt } = conversation;
  const wanted = consent === 'out';
  const overtaken = consentChangedAt !== null && (consentChangedAt > at || (+consentChangedAt === +at && optedOut && !wanted));
  const said = wanted ? 'the customer wants no automatic answers' : 'the customer wants automatic answers';
  if (overtaken) return { patch: {}, words: `${said}, but has decided again since`, changes: false };
  const patch = { optedOut: wanted, consentChangedAt: at };
  if (wanted === optedOut) return { patch, words: `${said}, as before`, changes: false };
  return { patch, words: said, changes: true };
}

export function confirmationOf(consent: Consent, settings: ProcessingSettings): string {
  if (consent === 'in') return settings.optInConfirmation ?? 'You will get automatic answers again.';
  if (settings.optOutConfirmation !== null) return settings.optOutConfirmation;
  const [word] = settings.optInWords;
  return word === undefined
    ? 'You will get no more automatic answers.'
    : `You will get no more automatic answers. Send "${word}" to get them again.`;
}
