/** What may be answered at all. */
export type FactsKind = 'message' | 'postback' | 'reaction' | 'referral' | 'comment';

/** What the rules may look at: one thing that a customer did. */
export interface Facts {
  readonly kind: FactsKind;
  /** A message's text, a postback's title, a reaction's emoji, a comment's text. */
  readonly text: string | null;
  /** Of a postback or a quick reply. */
  readonly payload: string | null;
  /** The message is a tap on a quick reply. */
  readonly quickReply: boolean;
  readonly storyReply: boolean;
  readonly storyMention: boolean;
  readonly reaction: ReactionFacts | null;
  /** Whatever brought the person: also in a message or a postback. */
  readonly referral: ReferralFacts | null;
  readonly username: string | null;
  readonly name: string | null;
  readonly account: { readonly username: string };
}

export interface ReactionFacts {
  readonly name: string | null;
  readonly emoji: string | null;
}

export interface ReferralFacts {
  readonly ref: string | null;
  readonly adId: string | null;
  readonly source: string | null;
}

/** Who is concerned, which no event says in full. */
export interface FactsContext extends Pick<Facts, 'username' | 'name'> {
  /** With its id, what the account itself wrote is known also where the event does not come with its entry. */
  readonly account: { readonly username: string; readonly id?: string };
}

/** The facts of a plain message; `over` says what else it is. */
export function factsOf(who: FactsContext, kind: FactsKind, text: string | null, over: Partial<Facts> = {}): Facts {
  return {
    kind,
    text,
    payload: null,
    quickReply: false,
    storyReply: false,
    storyMention: false,
    reaction: null,
    referral: null,
    username: who.username,
    name: who.name,
    account: { username: who.account.username },
    ...over,
  };
}
