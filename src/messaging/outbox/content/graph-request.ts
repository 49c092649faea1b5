import type { Button, Element, QuickReply } from '../../../common/content/content.js';
import type { ActionContent, MessageContent, OutgoingContent } from './outgoing-content.js';
import { isActionContent } from './outgoing-content.js';

export interface Envelope {
  /** The person, or the comment that is answered privately. */
  readonly recipient: { readonly id: string } | { readonly comment_id: string };
  /** The message that it answers. */
  readonly replyToMid?: string | null;
  readonly tag?: 'HUMAN_AGENT' | null;
}

/** The body of the call to Graph. */
export function graphRequest(content: OutgoingContent, { recipient, replyToMid, tag }: Envelope): object {
  if (isActionContent(content)) return { recipient, ...actionBody(content) };
  return {
    recipient,
    message: messageBody(content),
    ...(replyToMid ? { reply_to: { mid: replyToMid } } : {}),
    // Meta's pages show the tag alone and with its type; together it is accepted everywhere.
    ...(tag ? { messaging_type: 'MESSAGE_TAG', tag } : {}),
  };
}

function messageBody(content: MessageContent): object {
  switch (content.is) {
    case 'text': {
      const { text, quickReplies } = content;
      return quickReplies.length === 0 ? { text } : { text, quick_replies: quickReplies.map(quickReplyBody) };
    }
    case 'button_template':
      return template({ template_type: 'button', text: content.text, buttons: content.buttons.map(buttonBody) });
    case 'generic_template':
      return template({ template_type: 'generic', elements: content.elements.map(elementBody) });
    case 'media':
      return { attachment: { type: content.media.type, payload: { url: content.media.url } } };
    case 'like_heart':
      return { attachment: { type: 'like_heart' } };
  }
}

function template(payload: object): object {
  return { attachment: { type: 'template', payload } };
}

function quickReplyBody(reply: QuickReply): object {
  if (reply.contentType !== 'text') return { content_type: reply.contentType };
  return { content_type: 'text', title: reply.title, payload: reply.payload };
}

function buttonBody(button: Button): object {
  return button.type === 'web_url'
    ? { type: 'web_url', url: button.url, title: button.title }
    : { type: 'postback', title: button.title, payload: button.payload };
}

function elementBody({ title, subtitle, imageUrl, url, buttons }: Element): object {
  return {
    title,
    ...(subtitle === null ? {} : { subtitle }),
    ...(imageUrl === null ? {} : { image_url: imageUrl }),
    ...(url === null ? {} : { default_action: { type: 'web_url', url } }),
    ...(buttons.length === 0 ? {} : { buttons: buttons.map(buttonBody) }),
  };
}

/** Beside the recipient nothing else may stand in such a request. */
function actionBody(content: ActionContent): object {
  switch (content.is) {
    case 'react':
      return { sender_action: 'react', payload: { message_id: content.target.mid, reaction: content.reaction } };
    case 'unreact':
      return { sender_action: 'unreact', payload: { message_id: content.target.mid } };
    case 'typing_on':
    case 'typing_off':
    case 'mark_seen':
      return { sender_action: content.is };
  }
}
