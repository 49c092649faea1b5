/** What the rules may look at: one inbound message or postback. */
export interface Facts {
  readonly kind: 'message' | 'postback';
  readonly text: string | null;
  /** Of a postback or a quick reply. */
  readonly payload: string | null;
  readonly username: string | null;
  readonly name: string | null;
  readonly account: { readonly username: string };
}
