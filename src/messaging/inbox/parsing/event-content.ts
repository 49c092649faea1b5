import type { Attachment, MessageDetails } from '../../../conversations/index.js';
import { attachmentsOf } from './attachments.js';
import { fieldOf, idOf, isObject, objectOf, textOf } from './json-value.js';

/** What a stored item says: the same whether it is a message, an echo or a postback. */
export interface EventContent {
  readonly mid: string | null;
  /** The message's kind: `text`, `postback`, `quick_reply`, the type of an attachment … */
  readonly kind: string;
  readonly text: string | null;
  readonly attachments: readonly Attachment[];
  /** A tap on a button, which no program can make: a postback or a quick reply. */
  readonly isTap: boolean;
  readonly details: MessageDetails | null;
}

export function readContent(item: unknown): EventContent {
  const postback = objectOf(item, 'postback');
  const message = objectOf(item, 'message');
  if (postback && !message) {
    return {
      mid: idOf(postback, 'mid'),
      kind: 'postback',
      text: textOf(postback, 'title'),
      attachments: [],
      isTap: true,
      details: detailsOf(item, postback, textOf(postback, 'payload')),
    };
  }
  const attachments = attachmentsOf(message);
  const quickReply = objectOf(message, 'quick_reply');
  const text = textOf(message, 'text');
  return {
    mid: idOf(message, 'mid'),
    kind: kindOf(message, quickReply !== null, text, attachments),
    text,
    attachments,
    isTap: quickReply !== null,
    details: detailsOf(item, message, textOf(quickReply, 'payload')),
  };
}

/** The column takes short plain names only. */
const PLAIN_NAME = /^[a-z][a-z0-9_]{0,39}$/;

function kindOf(message: unknown, isQuickReply: boolean, text: string | null, attachments: readonly Attachment[]): string {
  if (fieldOf(message, 'is_unsupported') === true) return 'unsupported';
  if (isQuickReply) return 'quick_reply';
  if (text !== null) return 'text';
  const [first] = attachments;
  if (!first) return 'empty';
  return PLAIN_NAME.test(first.type) ? first.type : 'attachment';
}

function detailsOf(item: unknown, part: unknown, payload: string | null): MessageDetails | null {
  const replyTo = replyOf(objectOf(part, 'reply_to'));
  const referral = referralOf(objectOf(part, 'referral') ?? objectOf(item, 'referral'));
  const details: MessageDetails = {
    ...(payload === null ? {} : { payload }), ...(referral === null ? {} : { referral }), ...(replyTo === null ? {} : { replyTo }),
  };
  return Object.keys(details).length === 0 ? null : details;
}

function replyOf(reply: unknown): MessageDetails['replyTo'] | null {
  const mid = idOf(reply, 'mid');
  const story = objectOf(reply, 'story');
  if (story) return { story: { ...named('id', idOf(story, 'id')), ...named('url', textOf(story, 'url')) } };
  return mid === null ? null : { mid };
}

/** Its short fields: what an advertisement says of itself beyond them stands in the event. */
function referralOf(referral: unknown): Readonly<Record<string, string>> | null {
  if (!isObject(referral)) return null;
  const product = idOf(objectOf(referral, 'product'), 'id');
  const fields = ['ref', 'ad_id', 'source', 'type'].map((name) => [name, idOf(referral, name)] as const);
  return Object.fromEntries([...fields, ['product', product] as const].filter((field): field is [string, string] => field[1] !== null));
}

function named<Name extends string>(name: Name, value: string | null): Partial<Record<Name, string>> {
  return value === null ? {} : ({ [name]: value } as Partial<Record<Name, string>>);
}
