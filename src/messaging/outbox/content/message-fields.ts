import type { MessageDetails, MessageRow } from '../../../conversations/index.js';
import type { OutgoingContent } from './outgoing-content.js';

/** How a send stands in the conversation. */
export interface MessageFields extends Pick<MessageRow, 'kind' | 'text' | 'attachments' | 'details'> {
  /** False: it has a row that can be asked for, and no place among the conversation's messages. */
  readonly listed: boolean;
}

export function messageFields(content: OutgoingContent): MessageFields {
  const plain = { kind: content.is, text: null, attachments: [], details: null, listed: true };
  switch (content.is) {
    case 'text': {
      const { text, quickReplies } = content;
      return { kind: 'text', text, attachments: [], details: quickReplies.length === 0 ? null : { quickReplies }, listed: true };
    }
    case 'button_template':
      return { ...plain, text: content.text, details: { buttons: content.buttons } };
    case 'generic_template':
      return { ...plain, details: { elements: content.elements } };
    case 'media':
      return { ...plain, kind: content.media.type, attachments: [{ type: content.media.type, url: content.media.url }] };
    case 'like_heart':
      return { ...plain, attachments: [{ type: 'like_heart' }] };
    case 'react':
    case 'unreact':
      return { ...plain, kind: 'reaction', details: { reacted: reactedOf(content) } };
    case 'typing_on':
    case 'typing_off':
    case 'mark_seen':
      // Seen for seconds, or not at all: nobody looks for it among what was said.
      return { ...plain, listed: false };
  }
}

function reactedOf(content: Extract<OutgoingContent, { is: 'react' | 'unreact' }>): MessageDetails['reacted'] {
  return { action: content.is, reaction: content.is === 'react' ? content.reaction : null, messageId: content.target.messageId };
}
