import type { Button, Element, Media, QuickReply } from '../../../common/content/content.js';

/** What one call of Graph can carry. */
export type OutgoingContent = MessageContent | ActionContent;

/** Becomes a message. */
export type MessageContent =
  | { readonly is: 'text'; readonly text: string; readonly quickReplies: readonly QuickReply[] }
  | { readonly is: 'button_template'; readonly text: string; readonly buttons: readonly Button[] }
  | { readonly is: 'generic_template'; readonly elements: readonly Element[] }
  | { readonly is: 'media'; readonly media: Media }
  | { readonly is: 'like_heart' };

/** Does something, and becomes no message. */
export type ActionContent =
  | { readonly is: 'react'; readonly target: MessageRef; readonly reaction: string }
  | { readonly is: 'unreact'; readonly target: MessageRef }
  | { readonly is: SenderAction };

export interface MessageRef {
  readonly messageId: string;
  readonly mid: string;
}

export type SenderAction = (typeof SENDER_ACTIONS)[number];
export const SENDER_ACTIONS = ['typing_on', 'typing_off', 'mark_seen'] as const;

export function isActionContent(content: OutgoingContent): content is ActionContent {
  switch (content.is) {
    case 'react':
    case 'unreact':
    case 'typing_on':
    case 'typing_off':
    case 'mark_seen':
      return true;
    case 'text':
    case 'button_template':
    case 'generic_template':
    case 'media':
    case 'like_heart':
      return false;
  }
}
