import { factsOf, type Facts, type FactsContext, type ReferralFacts } from './facts.js';
import { firstItem, type EventItem } from './first-item.js';
import { foldText } from './fold-text.js';
import { fieldOf, idOf, listOf, objectOf, textOf, type JsonObject } from '../../common/json-fields.js';

/**
 * The facts in an event: an item of `messaging`, a `{field, value}` of `changes`, an entry, or a whole delivery, which
 * stands for its first item. Null for what never answers: see `readFacts`. Takes any JSON value, and never throws.
 */
export function factsFromEvent(event: unknown, who: FactsContext): Facts | null {
  const read = readFacts(event, who);
  return typeof read === 'string' ? null : read;
}

/** The facts, or why nothing can answer this event, in plain words. */
export function readFacts(event: unknown, who: FactsContext): Facts | string {
  const item = firstItem(event);
  if (item === null) return WHY.nothing;
  switch (item.shape) {
    case 'item':
      return readItem(item, who);
    case 'comment':
      return readComment(item, who);
    case 'standby':
      return WHY.standby;
    case 'other':
      return WHY.nothing;
  }
}

const WHY = {
  nothing: 'the event is none of those that a rule can answer',
  standby: 'another app has this conversation (standby)',
  echo: 'it is a message of the account itself',
  unsend: 'the message was unsent',
  unreact: 'a reaction was taken back',
  own: 'the account itself did it',
  nobody: 'the comment does not say who wrote it',
} as const;

function readItem({ value: item, entryId }: EventItem, who: FactsContext): Facts | string {
  const sender = idOf(objectOf(item, 'sender'), 'id');
  if (sender !== null && (sender === entryId || sender === who.account.id)) return WHY.own;
  if (fieldOf(item, 'is_self') === true) return WHY.own;
  const message = objectOf(item, 'message');
  if (message) return readMessage(message, item, who);
  const postback = objectOf(item, 'postback');
  if (postback) {
    if (fieldOf(postback, 'is_self') === true) return WHY.own;
    if (fieldOf(item, 'is_echo') === true) return WHY.echo;
    return factsOf(who, 'postback', textOf(postback, 'title'), {
      payload: textOf(postback, 'payload'),
      referral: referralIn(postback) ?? referralIn(item),
    });
  }
  const reaction = objectOf(item, 'reaction');
  if (reaction) return readReaction(reaction, who);
  const referral = referralIn(item);
  return referral ? factsOf(who, 'referral', null, { referral }) : WHY.nothing;
}

function readMessage(message: JsonObject, item: unknown, who: FactsContext): Facts | string {
  if (fieldOf(message, 'is_self') === true) return WHY.own;
  if (fieldOf(message, 'is_echo') === true || fieldOf(item, 'is_echo') === true) return WHY.echo;
  if (fieldOf(message, 'is_deleted') === true) return WHY.unsend;
  const quickReply = objectOf(message, 'quick_reply');
  return factsOf(who, 'message', textOf(message, 'text'), {
    payload: textOf(quickReply, 'payload'),
    quickReply: quickReply !== null,
    storyReply: objectOf(objectOf(message, 'reply_to'), 'story') !== null,
    storyMention: listOf(message, 'attachments').some((attachment) => textOf(attachment, 'type') === 'story_mention'),
    referral: referralIn(message) ?? referralIn(item),
  });
}

function readReaction(reaction: JsonObject, who: FactsContext): Facts | string {
  const action = textOf(reaction, 'action');
  const name = textOf(reaction, 'reaction');
  const emoji = textOf(reaction, 'emoji');
  if (action === 'unreact') return WHY.unreact;
  if (action !== 'react' && name === null && emoji === null) return WHY.nothing;
  return factsOf(who, 'reaction', emoji, { reaction: { name, emoji } });
}

function readComment({ value: comment, entryId }: EventItem, who: FactsContext): Facts | string {
  const from = objectOf(comment, 'from');
  const author = idOf(from, 'id');
  const username = textOf(from, 'username');
  if (author !== null && (author === entryId || author === who.account.id)) return WHY.own;
  if (idOf(from, 'self_ig_scoped_id') !== null) return WHY.own;
  if (username !== null && foldText(username) === foldText(who.account.username)) return WHY.own;
  // Without the id there is no conversation to answer in.
  if (author === null) return WHY.nobody;
  return factsOf(who, 'comment', textOf(comment, 'text'), { username: who.username ?? username });
}

function referralIn(value: unknown): ReferralFacts | null {
  const referral = objectOf(value, 'referral');
  if (!referral) return null;
  return { ref: idOf(referral, 'ref'), adId: idOf(referral, 'ad_id'), source: idOf(referral, 'source') };
}
