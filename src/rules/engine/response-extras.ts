import type { Button, Media, QuickReply } from '../../common/content/content.js';

/** What a rule answers with beside its text. */
export interface ResponseExtras {
  readonly quickReplies: readonly QuickReply[] | null;
  readonly buttons: readonly Button[] | null;
  /** Sent as a message of its own, before the text. */
  readonly media: Media | null;
  /** How long the customer sees that an answer is being typed. */
  readonly typingSeconds: number | null;
}

export const NO_EXTRAS: ResponseExtras = { quickReplies: null, buttons: null, media: null, typingSeconds: null };

/** Only what is set, so that a plain rule is shown as plainly as ever. */
export function setExtras({ quickReplies, buttons, media, typingSeconds }: ResponseExtras): Partial<ResponseExtras> {
  return {
    ...(quickReplies === null ? {} : { quickReplies }),
    ...(buttons === null ? {} : { buttons }),
    ...(media === null ? {} : { media }),
    ...(typingSeconds === null ? {} : { typingSeconds }),
  };
}
