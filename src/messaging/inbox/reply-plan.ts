import { CONTENT_LIMITS } from '../../common/content/content.js';
import { whyNotOneMessage } from '../../common/content/one-message.js';
import type { ResponseExtras } from '../../rules/index.js';
import type { OutgoingContent } from '../outbox/content/outgoing-content.js';
import { splitReply } from './reply-splitter.js';

/** What goes out, in order; or why the rule's answer cannot, in plain words. */
export type ReplyPlan = { readonly contents: readonly OutgoingContent[] } | { readonly cannot: string };

/**
 * Turns a rule's answer into what Graph can carry: typing, then media, then the text in parts, the last of which has the
 * quick replies or buttons. Pure.
 * @param oneMessage a private reply to a comment: Instagram takes one, and there is no conversation to type in
 */
export function planReply(text: string, extras: ResponseExtras, oneMessage: boolean): ReplyPlan {
  const { quickReplies, buttons, media, typingSeconds } = extras;
  const parts = partsOf(text, buttons !== null);
  if (parts.length === 0 && media === null) return { cannot: 'the reply is empty' };
  if (parts.length === 0 && (quickReplies ?? buttons) !== null) return { cannot: 'its quick replies or buttons have no text to stand under' };
  if (oneMessage && media !== null) return { cannot: 'the rule answers with media, and a comment may be answered by one message with a text only' };
  const tooLong = oneMessage ? whyNotOneMessage(text.trim(), buttons !== null) : null;
  if (tooLong !== null) return { cannot: `the reply is too long: ${tooLong}, and a comment may be answered by one only` };
  const texts = parts.map((part, index): OutgoingContent => {
    if (index < parts.length - 1) return { is: 'text', text: part, quickReplies: [] };
    if (buttons !== null) return { is: 'button_template', text: part, buttons };
    return { is: 'text', text: part, quickReplies: quickReplies ?? [] };
  });
  return {
    contents: [
      ...(typingSeconds !== null && !oneMessage ? [{ is: 'typing_on' } as const] : []),
      ...(media === null ? [] : [{ is: 'media', media } as const]),
      ...texts,
    ],
  };
}

/** Buttons take less text than a plain message does: what is too long for them is cut once more. */
function partsOf(text: string, withButtons: boolean): string[] {
  const parts = splitReply(text);
  const last = parts.at(-1);
  if (!withButtons || last === undefined || last.length <= CONTENT_LIMITS.buttonText) return parts;
  // So many bytes are at most so many characters.
  return [...parts.slice(0, -1), ...splitReply(last, CONTENT_LIMITS.buttonText)];
}
