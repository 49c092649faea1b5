import { newMid } from './mids.js';

/** One item of `entry[].messaging[]`. */
export type MessagingItem = Readonly<Record<string, unknown>>;

export interface Entry {
  readonly id: string;
  readonly time: number;
  readonly messaging?: readonly MessagingItem[];
  readonly changes?: readonly Readonly<Record<string, unknown>>[];
}

export interface Delivery {
  readonly object: string;
  readonly entry: readonly Entry[];
}

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

export function storyReplyEvent(to: MessageAddress, text: string, story: { id: string; url: string }): MessagingItem {
  return messageEvent(to, { text, reply_to: { story } });
}

export function messageReplyEvent(to: MessageAddress, text: string, repliedMid: string): MessagingItem {
  return messageEvent(to, { text, reply_to: { mid: repliedMid } });
}

export function unsupportedEvent(to: MessageAddress): MessagingItem {
  return messageEvent(to, { is_unsupported: true });
}

/** Unsent: the same mid as the message it takes back. */
export function unsendEvent(to: Address, mid: string): MessagingItem {
  return messageEvent({ ...to, mid }, { is_deleted: true });
}

/** Any content of an inbound `message`. */
export function messageEvent(to: MessageAddress, content: Readonly<Record<string, unknown>>): MessagingItem {
  return inbound(to, { message: { mid: to.mid ?? newMid(), ...content } });
}

export function postbackEvent(to: MessageAddress, title: string, payload: string): MessagingItem {
  return inbound(to, { postback: { mid: to.mid ?? newMid(), title, payload } });
}

export function reactionEvent(to: Address, mid: string, emoji: string | null, reaction = 'love'): MessagingItem {
  return inbound(to, {
    reaction: emoji === null ? { mid, action: 'unreact' } : { mid, action: 'react', reaction, emoji },
  });
}

export function readEvent(to: Address, mid: string): MessagingItem {
  return inbound(to, { read: { mid } });
}

/** `editNumber` 0 is not an edit: Meta sends it beside ordinary messages. */
export function editEvent(to: Address, mid: string, text: string | undefined, editNumber: number): MessagingItem {
  return inbound(to, { message_edit: { mid, text, num_edit: editNumber } });
}

/** An ig.me link opened in a conversation that exists. */
export function referralEvent(to: Address, ref: string): MessagingItem {
  return inbound(to, { referral: { ref, source: 'SHORTLINK', type: 'OPEN_THREAD' } });
}

/** A kind this service has never heard of. */
export function unknownEvent(to: Address, kind = 'tomorrows_feature'): MessagingItem {
  return inbound(to, { [kind]: { id: newMid() } });
}

/** What the account itself wrote: by the API, or by a person with a phone. The customer is the recipient. */
export function echoEvent(to: MessageAddress, content: Readonly<Record<string, unknown>>): MessagingItem {
  return {
    sender: { id: to.accountId },
    recipient: { id: to.person },
    timestamp: (to.at ?? new Date()).getTime(),
    message: { mid: to.mid ?? newMid(), ...content, is_echo: true },
  };
}

/** One entry: everything in it happened to one account. Times are milliseconds for messaging. */
export function entryOf(accountId: string, items: readonly MessagingItem[], at = new Date()): Entry {
  return { id: accountId, time: at.getTime(), messaging: items };
}

/** An entry of `changes` (comments, mentions). Its time is in seconds. */
export function changesEntryOf(accountId: string, field: string, value: unknown, at = new Date()): Entry {
  return { id: accountId, time: Math.floor(at.getTime() / 1000), changes: [{ field, value }] };
}

/** One POST; Meta puts up to 1000 updates of several accounts of one app in it. */
export function deliveryOf(...entries: readonly Entry[]): Delivery {
  return { object: 'instagram', entry: entries };
}

/** What the "Test" button of Meta's dashboard sends: entry "0", dummy ids, seconds as a string. */
export function testButtonDelivery(at = new Date()): Delivery {
  const value = {
    sender: { id: '12334' },
    recipient: { id: '23245' },
    timestamp: '1527459824',
    message: { mid: 'random_mid', text: 'random_text' },
  };
  return deliveryOf(changesEntryOf('0', 'messages', value, at));
}

function inbound(to: Address, content: Readonly<Record<string, unknown>>): MessagingItem {
  return {
    sender: { id: to.person },
    recipient: { id: to.accountId },
    timestamp: (to.at ?? new Date()).getTime(),
    ...content,
  };
}
