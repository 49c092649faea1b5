/** What a person can do to a message that was sent. */
export type ChangeContent =
  | { readonly kind: 'unsend' }
  | { readonly kind: 'read' }
  /** `number` from 1; `text` null: it was edited, and nobody says to what. */
  | { readonly kind: 'edit'; readonly number: number; readonly text: string | null }
  /** `by`: who reacted, null where it is not said. `taken`: the reaction was taken back. */
  | {
      readonly kind: 'reaction';
      readonly by: string | null;
      readonly taken: boolean;
      readonly reaction: string | null;
      readonly emoji: string | null;
    };

/** With Meta's time. */
export type MessageChange = ChangeContent & { readonly at: Date };
