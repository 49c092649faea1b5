import { ButtonRequest } from '../../common/content/button.request.dto.js';
import { CONTENT_LIMITS, type Media } from '../../common/content/content.js';
import { QuickReplyRequest } from '../../common/content/quick-reply.request.dto.js';
import { AppError } from '../../common/errors.js';
import type { MessageContent, SenderAction } from './content/outgoing-content.js';
import { ElementRequest } from './dto/element.request.dto.js';
import type { ReactionRequest } from './dto/reaction.request.dto.js';

/** What the caller asks for; absent is the same as null. Its fields by themselves are checked already. */
export interface ManualMessageInput {
  readonly recipientId?: string | null | undefined;
  readonly text?: string | null | undefined;
  readonly attachment?: Media | null | undefined;
  readonly quickReplies?: readonly QuickReplyRequest[] | null | undefined;
  readonly buttons?: readonly ButtonRequest[] | null | undefined;
  readonly elements?: readonly ElementRequest[] | null | undefined;
  readonly sticker?: 'like_heart' | null | undefined;
  readonly reaction?: ReactionRequest | null | undefined;
  readonly action?: SenderAction | null | undefined;
  readonly replyTo?: string | null | undefined;
  readonly commentId?: string | null | undefined;
  readonly tag?: 'HUMAN_AGENT' | null | undefined;
}

export interface ManualMessage {
  /** Null: whoever wrote the comment. */
  readonly recipientId: string | null;
  readonly content: ManualContent;
  readonly replyTo: string | null;
  readonly commentId: string | null;
  readonly tag: 'HUMAN_AGENT' | null;
}

/** As outgoing content, but that the message reacted to is still as the caller named it. */
export type ManualContent =
  | MessageContent
  | { readonly is: SenderAction }
  | { readonly is: 'react'; readonly target: string; readonly reaction: string }
  | { readonly is: 'unreact'; readonly target: string };

const CONTENTS = ['text', 'attachment', 'elements', 'sticker', 'reaction', 'action'] as const;

/** @throws AppError that names every field that does not go with the others */
export function readManualMessage(input: ManualMessageInput): ManualMessage {
  const problems = [...problemsOf(input)];
  const content = contentOf(input);
  if (content === null || problems.length > 0) throw new AppError('invalid', 'bad_message', problems.join('; '), problems);
  const { recipientId = null, replyTo = null, commentId = null, tag = null } = input;
  return { recipientId, content, replyTo, commentId, tag };
}

function* problemsOf(input: ManualMessageInput): Generator<string> {
  const given = CONTENTS.filter((name) => isGiven(input[name]));
  if (given.length === 0) yield `give one of ${CONTENTS.join(', ')}`;
  if (given.length > 1) yield `${given.join(' and ')} cannot go in one message: send them one after the other`;
  if (!isGiven(input.recipientId) && !isGiven(input.commentId)) yield 'recipientId is required';
  yield* textProblems(input);
  for (const [index, element] of (input.elements ?? []).entries()) {
    if (element.subtitle ?? element.imageUrl ?? element.url ?? element.buttons) continue;
    yield `elements.${String(index)} needs a subtitle, imageUrl, url or buttons beside its title`;
  }
  const isAction = given.includes('reaction') || given.includes('action');
  for (const name of ['replyTo', 'commentId', 'tag'] as const) {
    if (isAction && isGiven(input[name])) yield `${name} cannot go with ${isGiven(input.action) ? 'an action' : 'a reaction'}: leave it out`;
  }
  if (isGiven(input.commentId) && isGiven(input.replyTo)) yield 'replyTo cannot go with commentId: it is the comment that is answered';
  if (isGiven(input.commentId) && isGiven(input.tag)) yield 'tag cannot go with commentId: a comment may be answered for 7 days anyway';
}

function* textProblems({ text, quickReplies, buttons }: ManualMessageInput): Generator<string> {
  for (const [name, list] of [['quickReplies', quickReplies], ['buttons', buttons]] as const) {
    if (isGiven(list) && !isGiven(text)) yield `${name} need a text: they are shown under it`;
  }
  if (isGiven(quickReplies) && isGiven(buttons)) yield 'quickReplies and buttons cannot go in one message: leave one of them out';
  if (text === null || text === undefined) return;
  if (text.trim() === '') yield 'text must not be empty';
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > CONTENT_LIMITS.textBytes) {
    yield `text must not be longer than ${String(CONTENT_LIMITS.textBytes)} bytes in UTF-8, and has ${String(bytes)}: send it in parts`;
  }
  if (isGiven(buttons) && text.length > CONTENT_LIMITS.buttonText) {
    yield `text must not be longer than ${String(CONTENT_LIMITS.buttonText)} characters with buttons: send the rest before it`;
  }
}

function contentOf({ text, attachment, quickReplies, buttons, elements, sticker, reaction, action }: ManualMessageInput): ManualContent | null {
  if (isGiven(text)) {
    if (buttons) return { is: 'button_template', text, buttons: buttons.map((button) => ButtonRequest.toContent(button)) };
    return { is: 'text', text, quickReplies: (quickReplies ?? []).map((reply) => QuickReplyRequest.toContent(reply)) };
  }
  if (attachment) return { is: 'media', media: { type: attachment.type, url: attachment.url } };
  if (elements) return { is: 'generic_template', elements: elements.map((element) => ElementRequest.toContent(element)) };
  if (sticker) return { is: sticker };
  if (action) return { is: action };
  if (!reaction) return null;
  const target = reaction.messageId;
  return reaction.action === 'unreact' ? { is: 'unreact', target } : { is: 'react', target, reaction: reaction.reaction ?? '' };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
