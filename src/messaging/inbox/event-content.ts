import type { Attachment } from '../../conversations/index.js';
import { fieldOf, idOf, objectOf, textOf } from './json-value.js';

/** What a stored item says: the same whether it is a message, an echo or a postback. */
export interface EventContent {
  readonly mid: string | null;
  /** The message's kind: `text`, `postback`, `quick_reply`, the type of an attachment … */
  readonly kind: string;
  readonly text: string | null;
  /** Of a postback or a quick reply. */
  readonly payload: string | null;
  readonly attachments: readonly Attachment[];
}

export function readContent(item: unknown): EventContent {
  const postback = objectOf(item, 'postback');
  const message = objectOf(item, 'message');
  if (postback && !message) {
    return {
      mid: idOf(postback, 'mid'),
      kind: 'postback',
      text: textOf(postback, 'title'),
      payload: textOf(postback, 'payload'),
      attachments: [],
    };
  }
  const attachments = attachmentsOf(message);
  const quickReply = textOf(objectOf(message, 'quick_reply'), 'payload');
  const text = textOf(message, 'text');
  return { mid: idOf(message, 'mid'), kind: kindOf(message, quickReply, text, attachments), text, payload: quickReply, attachments };
}

function attachmentsOf(message: unknown): Attachment[] {
  const list = fieldOf(message, 'attachments');
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) => {
    const type = textOf(item, 'type') ?? 'unknown';
    const url = textOf(objectOf(item, 'payload'), 'url');
    return url === null ? { type } : { type, url };
  });
}

/** The column takes short plain names only. */
const PLAIN_NAME = /^[a-z][a-z0-9_]{0,39}$/;

function kindOf(message: unknown, quickReply: string | null, text: string | null, attachments: readonly Attachment[]): string {
  if (fieldOf(message, 'is_unsupported') === true) return 'unsupported';
  if (quickReply !== null) return 'quick_reply';
  if (text !== null) return 'text';
  const [first] = attachments;
  if (!first) return 'empty';
  return PLAIN_NAME.test(first.type) ? first.type : 'attachment';
}
