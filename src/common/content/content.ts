/** What a message may carry beside its text, as rules and manual sends give it. */

/** What `user_phone_number` and `user_email` offer comes from the person's profile: they have no words of their own. */
export type QuickReply =
  | { readonly contentType: 'text'; readonly title: string; readonly payload: string }
  | { readonly contentType: 'user_phone_number' | 'user_email' };

export type QuickReplyType = (typeof QUICK_REPLY_TYPES)[number];
export const QUICK_REPLY_TYPES = ['text', 'user_phone_number', 'user_email'] as const;

export type Button =
  | { readonly type: 'postback'; readonly title: string; readonly payload: string }
  | { readonly type: 'web_url'; readonly title: string; readonly url: string };
export const BUTTON_TYPES = ['postback', 'web_url'] as const;

export interface Media {
  readonly type: MediaType;
  readonly url: string;
}

export type MediaType = (typeof MEDIA_TYPES)[number];
export const MEDIA_TYPES = ['image', 'audio', 'video', 'file'] as const;

/** One card of a generic template. */
export interface Element {
  readonly title: string;
  readonly subtitle: string | null;
  readonly imageUrl: string | null;
  /** Opened by a tap on the card. */
  readonly url: string | null;
  readonly buttons: readonly Button[];
}

/** Meta's limits. Where it does not say what a character is: UTF-16 units in texts, which is the strictest, code points in titles. */
export const CONTENT_LIMITS = {
  /** Bytes of UTF-8. */
  textBytes: 1000,
  /** Of a message with buttons. */
  buttonText: 640,
  quickReplies: 13,
  buttons: 3,
  /** Of a quick reply or a button. */
  buttonTitle: 20,
  payload: 1000,
  url: 2000,
  elements: 10,
  /** An element's title, and its subtitle. */
  elementText: 80,
  /** A reaction's name, or an emoji made of several characters. */
  reaction: 50,
} as const;
