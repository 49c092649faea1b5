import { asRecord, listOf } from './json-shapes.js';

const MOST_BYTES = 1000;
const MOST_BUTTON_TEXT = 640;
const MOST_ELEMENT_TEXT = 80;
const MEDIA = new Set(['image', 'audio', 'video', 'file', 'MEDIA_SHARE']);

/** What Meta has against a message's content, in words like its own; null when it takes it. */
export function contentProblem(value: unknown): string | null {
  const message = asRecord(value);
  const text = textOf(message['text']);
  const attachments = listOf(message['attachments'] ?? message['attachment']);
  if (text === '' && attachments.length === 0) return 'Message cannot be empty, must provide valid attachment or text';
  if (Buffer.byteLength(text) > MOST_BYTES) return 'Length of param message[text] must be less than or equal to 1000';
  return quickRepliesProblem(message, text) ?? firstOf(attachments, attachmentProblem);
}

function quickRepliesProblem(message: Record<string, unknown>, text: string): string | null {
  if (!('quick_replies' in message)) return null;
  const replies = message['quick_replies'];
  if (text === '') return 'quick_replies need a text';
  if (!Array.isArray(replies) || replies.length < 1 || replies.length > 13) return 'quick_replies must have 1 to 13 entries';
  // A title beyond 20 characters is cut, not refused.
  return firstOf(replies, (reply) => {
    const { content_type: type, title, payload } = asRecord(reply);
    if (type === 'user_phone_number' || type === 'user_email') return null;
    if (type !== 'text') return 'quick_replies[content_type] is invalid';
    return textOf(title) === '' || textOf(payload) === '' ? 'quick_replies of type text need title and payload' : null;
  });
}

function attachmentProblem(value: unknown): string | null {
  const { type, payload } = asRecord(value);
  if (type === 'like_heart') return null;
  if (type === 'template') return templateProblem(asRecord(payload));
  if (typeof type !== 'string' || !MEDIA.has(type)) return 'message[attachment][type] is invalid';
  const { url, id, attachment_id: asset } = asRecord(payload);
  return textOf(url) === '' && textOf(id) === '' && textOf(asset) === '' ? 'message[attachment][payload] needs a url' : null;
}

function templateProblem(payload: Record<string, unknown>): string | null {
  if (payload['template_type'] === 'button') {
    const text = textOf(payload['text']);
    if (text === '' || text.length > MOST_BUTTON_TEXT) return 'text of a button template must have 1 to 640 characters';
    return buttonsProblem(payload['buttons'], 1);
  }
  if (payload['template_type'] !== 'generic') return 'template_type is invalid';
  const elements = payload['elements'];
  if (!Array.isArray(elements) || elements.length < 1 || elements.length > 10) return 'elements must have 1 to 10 entries';
  return firstOf(elements, elementProblem);
}

function elementProblem(value: unknown): string | null {
  const element = asRecord(value);
  const { title, subtitle, ...more } = element;
  if (textOf(title) === '' || textOf(title).length > MOST_ELEMENT_TEXT) return 'title of an element must have 1 to 80 characters';
  if (textOf(subtitle).length > MOST_ELEMENT_TEXT) return 'subtitle of an element must have at most 80 characters';
  if (subtitle === undefined && Object.keys(more).length === 0) return 'an element needs a property beside its title';
  return element['buttons'] === undefined ? null : buttonsProblem(element['buttons'], 0);
}

function buttonsProblem(buttons: unknown, least: number): string | null {
  if (!Array.isArray(buttons) || buttons.length < least || buttons.length > 3) return 'buttons must be at most 3';
  return firstOf(buttons, (value) => {
    const { type, title, payload, url } = asRecord(value);
    if (textOf(title) === '') return 'a button needs a title';
    if (type === 'postback') return textOf(payload) === '' ? 'a postback button needs a payload' : null;
    if (type === 'web_url') return textOf(url) === '' ? 'a web_url button needs a url' : null;
    return 'the type of a button must be postback or web_url';
  });
}

const ACTIONS = new Set(['typing_on', 'typing_off', 'mark_seen', 'react', 'unreact']);

/** The same of a `sender_action`: beside it and its recipient nothing may stand in the request. */
export function actionProblem(request: Record<string, unknown>, knows: (mid: string) => boolean): string | null {
  const { sender_action: action, recipient: _, payload, ...more } = request;
  if (typeof action !== 'string' || !ACTIONS.has(action)) return 'sender_action is invalid';
  if (Object.keys(more).length > 0) return `sender_action cannot go with ${Object.keys(more).join(', ')}`;
  if (action !== 'react' && action !== 'unreact') return payload === undefined ? null : 'sender_action cannot go with payload';
  const { message_id: mid, reaction } = asRecord(payload);
  if (typeof mid !== 'string' || !knows(mid)) return 'payload[message_id] is no message of this conversation';
  return action === 'react' && textOf(reaction) === '' ? 'payload[reaction] is required' : null;
}

function firstOf(values: readonly unknown[], problemOf: (value: unknown) => string | null): string | null {
  for (const value of values) {
    const problem = problemOf(value);
    if (problem !== null) return problem;
  }
  return null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
