import type { MessagingItem } from './delivery.js';
import { inbound, outbound, type Address } from './message-events.js';
import { newMid } from './mids.js';

/** What happens to a message that stands already, or to the conversation around it. */

/** Unsent: the same mid as the message it takes back. */
export function unsendEvent(to: Address, mid: string): MessagingItem {
  return inbound(to, { message: { mid, is_deleted: true } });
}

/** The account's own message, taken back with a phone. */
export function unsentEchoEvent(to: Address, mid: string): MessagingItem {
  return outbound(to, { message: { mid, is_echo: true, is_deleted: true } });
}

/** `emoji` null: the reaction is taken back, which says neither name nor emoji. */
export function reactionEvent(to: Address, mid: string, emoji: string | null, reaction = 'love'): MessagingItem {
  return inbound(to, {
    reaction: emoji === null ? { mid, action: 'unreact' } : { mid, action: 'react', reaction, emoji },
  });
}

export function readEvent(to: Address, mid: string): MessagingItem {
  return inbound(to, { read: { mid } });
}

/** `editNumber` 0 is not an edit: Meta sends it beside ordinary messages. */
export function editEvent(
  to: Address,
  mid: string,
  text: string | undefined,
  editNumber: number | string,
): MessagingItem {
  return inbound(to, { message_edit: { mid, text, num_edit: editNumber } });
}

/** A read or an edit as it has come too: without sender and recipient. */
export function withoutPeople(item: MessagingItem): MessagingItem {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'sender' && key !== 'recipient'));
}

/** An ig.me link opened in a conversation that exists. */
export function referralEvent(to: Address, ref: string): MessagingItem {
  return inbound(to, { referral: { ref, source: 'SHORTLINK', type: 'OPEN_THREAD' } });
}

/** Somebody agrees to be written to about a topic. */
export function optinEvent(to: Address, payload: string): MessagingItem {
  return inbound(to, {
    optin: {
      type: 'notification_messages',
      payload,
      notification_messages_token: newMid().slice(0, 20),
      notification_messages_frequency: 'WEEKLY',
      token_expiry_timestamp: (to.at ?? new Date()).getTime() + 180 * 86_400_000,
      user_token_status: 'REFRESHED',
      notification_messages_timezone: 'UTC',
      title: 'News',
    },
  });
}

/** Which app answers in this conversation from now on; the app ids have been seen as numbers. */
export function threadControlEvent(to: Address, what: 'pass' | 'take' | 'request'): MessagingItem {
  const metadata = 'a hand-over';
  return inbound(
    to,
    what === 'request'
      ? { request_thread_control: { requested_owner_app_id: 1217981644879628, metadata } }
      : { [`${what}_thread_control`]: { previous_owner_app_id: null, new_owner_app_id: 1217981644879628, metadata } },
  );
}

/** A kind this service has never heard of. */
export function unknownEvent(to: Address, kind = 'tomorrows_feature'): MessagingItem {
  return inbound(to, { [kind]: { id: newMid() } });
}
