import { listOf, objectOf, textOf, type JsonObject } from '../../common/json-fields.js';

/** A message of the account as its echo, or Instagram's record of the conversation, tells of it. */
export interface SeenMessage {
  readonly text: string | null;
  readonly hasAttachments: boolean;
  /** Absent where they are not told. */
  readonly attachmentTypes?: readonly string[];
}

/**
 * Whether what was seen can be what this request sent. Meta documents neither how a template nor how a heart comes back,
 * so there only what is surely something else is turned away: a person's message taken for ours does less harm than a
 * second message.
 */
export function canBeSame(request: Readonly<Record<string, unknown>>, seen: SeenMessage): boolean {
  const message = objectOf(request, 'message');
  const text = textOf(message, 'text');
  if (text !== null) return sameText(text, seen.text);
  const attachment = objectOf(message, 'attachment');
  if (attachment === null) return false;
  const types = seen.attachmentTypes ?? [];
  switch (textOf(attachment, 'type')) {
    case 'template':
      return seen.text ? wordsOf(attachment).some((words) => sameText(words, seen.text)) : !types.some((type) => MEDIA.has(type));
    case 'like_heart':
      return (!seen.text || HEARTS.includes(plain(seen.text))) && !types.some((type) => type === 'template' || (MEDIA.has(type) && type !== 'image'));
    default:
      return !seen.text && seen.hasAttachments && (types.length === 0 || !types.every((type) => NOT_MEDIA.has(type)));
  }
}

/** A button template's text, or what stands on a generic one's cards. */
function wordsOf(template: JsonObject): (string | null)[] {
  const payload = objectOf(template, 'payload');
  return [textOf(payload, 'text'), ...listOf(payload, 'elements').map((element) => textOf(element, 'title'))];
}

const HEARTS = ['❤', '❤️'];
const MEDIA: ReadonlySet<string> = new Set(['image', 'video', 'audio', 'file']);
const NOT_MEDIA: ReadonlySet<string> = new Set(['template', 'like_heart', 'sticker']);

/** Instagram may trim a text and change its line ends or composition on the way; nothing else is let pass as the same. */
export function sameText(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && plain(a) === plain(b);
}

function plain(text: string): string {
  return text.normalize('NFC').replace(/\r\n?/g, '\n').trim();
}

/** Nothing but the very same words is taken for it. */
export function isText(request: Readonly<Record<string, unknown>>): boolean {
  return textOf(objectOf(request, 'message'), 'text') !== null;
}

/** A typing sign, a reaction, "seen": no message comes of it, and doing it twice is the same as once. */
export function isAction(request: Readonly<Record<string, unknown>>): boolean {
  return typeof request['sender_action'] === 'string';
}

export function isTyping(request: Readonly<Record<string, unknown>>): boolean {
  return request['sender_action'] === 'typing_on' || request['sender_action'] === 'typing_off';
}
