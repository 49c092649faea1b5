import type { MessagingItem } from './delivery.js';
import { newMid } from './mids.js';

/** Who writes to which account, and when (now, unless told). */
export interface Address {
  readonly accountId: string;
  /** The person's IGSID. */
  readonly person: string;
  readonly at?: Date;
}

export interface MessageAddress extends Address {
  readonly mid?: string;
}

export interface Attachment {
  readonly type: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

export function textEvent(to: MessageAddress, text: string): MessagingItem {
  return messageEvent(to, { text });
}

/** A tap on a quick reply: the button's title comes as text. */
export function quickReplyEvent(to: MessageAddress, title: string, payload: string): MessagingItem {
  return messageEvent(to, { text: title, quick_reply: { payload } });
}

export function attachmentEvent(to: MessageAddress, attachments: readonly Attachment[], text?: string): MessagingItem {
  return messageEvent(to, { text, attachments });
}

/** The heart: an attachment without a payload. */
export function stickerEvent(to: MessageAddress, type = 'like_heart'): MessagingItem {
  return messageEvent(to, { attachments: [{ type }] });
}

/** To be looked at once: nothing of it can be fetched. */
export function ephemeralEvent(to: MessageAddress): MessagingItem {
  return messageEvent(to, { attachments: [{ type: 'ephemeral' }] });
}

/** A shared comment comes so, without any content. */
export function templateEvent(to: MessageAddress): MessagingItem {
  return messageEvent(to, { attachments: [{ type: 'template', payload: {} }] });
}

/** A post passed on, in the form of before November 2025, of after, or in both at once. */
export function sharedPostEvent(
  to: MessageAddress,
  post: { id: string; url: string; title?: string },
  types: readonly ('share' | 'ig_post')[] = ['share', 'ig_post'],
): MessagingItem {
  const payload = { ig_post_media_id: post.id, title: post.title, url: post.url };
  return messageEvent(to, { attachments: types.map((type) => ({ type, payload })) });
}

export function storyMentionEvent(to: MessageAddress, url: string): MessagingItem {
  return messageEvent(to, { attachments: [{ type: 'story_mention', payload: { url } }] });
}

export function storyReplyEvent(to: MessageAddress, text: string, story: { id: string; url: string }): MessagingItem {
  return messageEvent(to, { text, reply_to: { story } });
}

export function messageReplyEvent(to: MessageAddress, text: string, repliedMid: string): MessagingItem {
  return messageEvent(to, { text, reply_to: { mid: repliedMid } });
}

/** The first message after a tap on a Click-to-Direct advertisement. */
export function adReferralEvent(to: MessageAddress, text: string, ad: { ad_id: string; ref?: string }): MessagingItem {
  const referral = { ...ad, source: 'ADS', type: 'OPEN_THREAD', ads_context_data: { ad_title: 'An ad' } };
  return messageEvent(to, { text, referral });
}

/** A message sent from a product's page. */
export function productReferralEvent(to: MessageAddress, text: string, productId: string): MessagingItem {
  return messageEvent(to, { text, referral: { product: { id: productId } } });
}

/** The first message after an ig.me link, in a conversation that did not exist. */
export function linkReferralEvent(to: MessageAddress, text: string | undefined, ref: string): MessagingItem {
  return messageEvent(to, { text, referral: { ref, source: 'IG_ME', type: 'OPEN_THREAD' } });
}

export function unsupportedEvent(to: MessageAddress): MessagingItem {
  return messageEvent(to, { is_unsupported: true });
}

/** Any content of an inbound `message`. */
export function messageEvent(to: MessageAddress, content: Readonly<Record<string, unknown>>): MessagingItem {
  return inbound(to, { message: { mid: to.mid ?? newMid(), ...content } });
}

/** A button's tap. `mid` null: older forms, and ice breakers, have none. */
export function postbackEvent(
  to: Omit<MessageAddress, 'mid'> & { readonly mid?: string | null },
  title: string,
  payload: string,
  referral?: Readonly<Record<string, unknown>>,
): MessagingItem {
  const mid = to.mid === undefined ? newMid() : (to.mid ?? undefined);
  return inbound(to, { postback: { mid, title, payload, referral } });
}

/** What the account itself wrote: by the API, or by a person with a phone. The customer is the recipient. */
export function echoEvent(to: MessageAddress, content: Readonly<Record<string, unknown>>): MessagingItem {
  return outbound(to, { message: { mid: to.mid ?? newMid(), ...content, is_echo: true } });
}

/** The account writes to itself; `person` is the account's own Instagram-scoped id. */
export function selfEvent(to: MessageAddress, text: string): MessagingItem {
  return outbound(to, { message: { mid: to.mid ?? newMid(), text, is_echo: true, is_self: true } });
}

/** A tap of the account on its own button: here `is_self` stands beside the postback. */
export function selfPostbackEvent(to: MessageAddress, title: string, payload: string): MessagingItem {
  return outbound(to, { postback: { mid: to.mid ?? newMid(), title, payload }, is_self: true });
}

export function inbound(to: Address, content: Readonly<Record<string, unknown>>): MessagingItem {
  return item(to.person, to.accountId, to.at, content);
}

export function outbound(to: Address, content: Readonly<Record<string, unknown>>): MessagingItem {
  return item(to.accountId, to.person, to.at, content);
}

function item(
  sender: string,
  recipient: string,
  at: Date | undefined,
  content: Readonly<Record<string, unknown>>,
): MessagingItem {
  return { sender: { id: sender }, recipient: { id: recipient }, timestamp: (at ?? new Date()).getTime(), ...content };
}
